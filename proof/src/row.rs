//! The promises: threats withstood, faults survived, invariants kept.

/// One promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// `F4`
    pub id: &'static str,
    /// What is promised, in a sentence.
    pub promise: &'static str,
}

macro_rules! rows {
    ($($id:ident $promise:literal)*) => {
        $(#[doc = $promise] pub const $id: Row = Row { id: stringify!($id), promise: $promise };)*

        /// All of them, in order.
        pub const ROWS: &[Row] = &[$($id),*];
    };
}

rows! {
    T1 "Nobody reads or continues a conversation of somebody else's by its id: the answer is `NotFound`."
    T2 "Nobody changes or deletes anything of somebody else's."
    T3 "No way in lacks the owner: every method of the contract takes it, and is in the matrix."
    T4 "One's own conversation is no way to somebody else's messages, keys or places."
    T5 "Nothing that is stored grants access to anything."
    T6 "Owner, id, position and times cannot be set by a request body."
    T7 "Creating never touches what exists, one's own or another's."
    T8 "Nothing is without an owner."
    T9 "Values never become part of a statement."
    T10 "What is foreign cannot be told from what does not exist: not by answer, text, statements or plan."
    T11 "Counting through ids finds nothing; session ids are random; cursors are bound to their owner and listing."
    T12 "Content comes back byte for byte, however hostile, and is never logged."
    T13 "No input brings a panic or an error of the database."
    T14 "A user who appends or deletes very much does not block the others; on SQLite, which has one writer, not their reading."
    T15 "No content, title, metadata or password is in any error, log line, span or `Debug`, nor in the server's log of errors."
    T16 "Erasing leaves no row of the user's, and changes nothing of the others'."
    T17 "The store works under a role that may only SELECT, INSERT, UPDATE and DELETE."
    T18 "A key belongs to one conversation of one owner: it tells nothing about, and returns nothing of, another's."

    F1 "The application is killed while it appends: what was acknowledged is there once, a turn is whole or absent, and no lock is left."
    F2 "The server crashes under its writers: the same, and the store goes on by itself when the server is back."
    F3 "The server is restarted, or ends a session: reads are sent once more, writes end in an error that says what may have happened, and the pool heals."
    F4 "The connection is cut between a request and its answer, at any frame: the error says whether the write may have been applied, and a retry with the same key stores it once."
    F5 "The network falls silent before, during or between calls: every call ends in time, and no place in the pool is lost."
    F6 "All connections are taken: a call waits for a bounded time and is `Busy`; no call needs two, so a pool of one is enough."
    F7 "The disk is full, for tables or for the log: nothing is stored in part, nothing acknowledged is lost, and the store goes on when there is room."
    F8 "Somebody else holds a lock, or statements deadlock: the call is `Busy` and was not applied, others are unaffected, and the library itself takes locks in one order."
    F9 "The server only reads, or a standby takes over: writes are `ReadOnly`, nothing is acknowledged by a standby, and the store writes again without a restart."
    F10 "The clock is wrong or steps back: order and positions are unaffected, and times never decrease."
    F11 "A call is dropped at any of its awaits: it is done or not done, and the next borrower of the connection is not affected."
    F12 "The same turn is sent many times at once: it is stored once, and every answer is the same."
    F13 "Many processes migrate at once, and one of them is killed: all others succeed, and every migration is applied once."
    F14 "Many append to one conversation, and many to many, while others read and page: positions are dense, order is kept, nothing is skipped or repeated."
    F15 "A conversation or a user with very many messages is deleted: nothing is left over, and other users' calls are answered meanwhile."
    F16 "A statement takes longer than the server allows: the call is `Busy` and was not applied."
    F17 "Bad and odd inputs by the million: all stores accept and refuse the same, and what was accepted reads back byte for byte."
    F18 "A pooler stands before the server: one that mixes up statements is refused, behind any other all rules hold."
    F19 "An answer is cut short, or its frames are broken: it is an error, never another answer. (Changed bytes within a value are for TLS to find.)"
    F20 "The power fails, or the disk lies about what it has written: what was acknowledged is there."

    I1 "Isolation: a call of one user's changes nothing of any other's."
    I2 "Indistinguishability: a foreign id and an unknown one have the same answer."
    I3 "Density: a conversation has the positions 1 to n, none ever reused, none taken by a call that failed."
    I4 "Prefix: what is read is a prefix of the final list, and later reads extend earlier ones."
    I5 "Real time: what was appended before another append began stands before it."
    I6 "Atomicity: nobody sees part of a turn."
    I7 "Exactly once: a key stores one turn, with one answer; another payload is a conflict."
    I8 "In doubt: what ended as `OutcomeUnknown` was applied once or never, and a retry with its key settles it."
    I9 "Paging: the pages together are the list, whatever their size and direction, and while others write nothing is skipped or repeated."
    I10 "Deletion wins: nothing is found, appended or left over afterwards."
    I11 "Fidelity: what was accepted reads back equal, and all stores accept the same."
    I12 "Readability: no write that was accepted makes a read fail."
    I13 "Times: none before its creation, none decreasing; ties in listings are broken by id."
    I14 "Erasure: no row is left, and doing it again finds nothing."
    I15 "Limits: all stores stop at the same values."
    I16 "Health: afterwards all connections are idle, no transaction is open and no lock is held."
}
