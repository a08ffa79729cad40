//! Group append: what arrives while a statement is under way shares the next one.

mod batch;
mod drive;
mod gate;
mod queue;
mod store;

use std::{fmt, sync::Arc, time::Duration};

use sea_orm::ConnectionTrait;

use crate::sea_orm::{SeaOrmStore, dialect::Dialect, group::gate::Gate, pool::Pool};

/// Appends the turns of many callers by few statements, over a [`SeaOrmStore`] on PostgreSQL.
///
/// A turn that arrives when nothing is under way is sent at once, as by the store itself. What
/// arrives while statements are under way waits, and then shares one statement, which is one round trip
/// and one wait for the disk. Every call keeps its own answer, owner, key, expected count and
/// error, and turns of one conversation are stored in the order in which they arrived.
/// All other calls are those of the store.
///
/// It is for servers on which many append at the same time. It gains nothing where fewer callers append at
/// a time than statements may be under way, and nothing but order in one process from calls to one
/// conversation that other processes append to as well. On SQLite, and for a store that names the owner
/// ([`with_row_security`](SeaOrmStore::with_row_security)), every call is passed on as it is.
///
/// # What is different
///
/// * A call waits for at most the deadline of the store. Where that passes before the turn was sent, it is
///   [`Busy`](crate::Error::Busy) and will not be sent. It is `Busy` at once where too many wait already.
/// * When the connection is lost, or the deadline passes, under a shared statement, each of its calls is
///   [`OutcomeUnknown`](crate::Error::OutcomeUnknown).
/// * A turn that a shared statement cannot store, and all of them when it is refused, are sent again by
///   themselves: replays, conflicts, foreign conversations and such that somebody else has
///   locked cost a statement more.
/// * Sends of one turn that wait at the same time share one answer.
/// * Turns of one conversation that share a statement share its time, and so one
///   [`Version`](crate::Version): nobody can have read the conversation in between.
/// * A call that is dropped while it waits is not sent. Dropped later, it may be applied, as always.
/// * Statements are sent by tasks of the runtime of whoever waits.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use scrollback::{
///     ConversationStore, GroupingStore, NewConversation, NewMessage, SeaOrmStore, Turn, UserId, Users,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// // postgres://… in production: elsewhere nothing is grouped.
/// let store = SeaOrmStore::connect("sqlite::memory:").await?;
/// store.migrate(&Users::Unchecked).await?;
///
/// let store: Arc<dyn ConversationStore> = Arc::new(GroupingStore::new(store));
/// let ann = UserId::new(1);
/// let chat = store.create(ann, NewConversation::new()).await?;
/// let appended = store.append(ann, chat.id, Turn::new([NewMessage::user("Hello")])?).await?;
///
/// assert_eq!(appended.messages[0].position.get(), 1);
/// # Ok(())
/// # }
/// ```
pub struct GroupingStore<C = Pool> {
    store: Arc<SeaOrmStore<C>>,
    gate: Arc<Gate>,
    most_statements: usize,
    most_waiting: usize,
}

/// How many statements of appends are under way at once unless it is said otherwise.
const STATEMENTS: usize = 4;

/// How many turns wait at most unless it is said otherwise.
const WAITING: usize = 4_096;

/// `Clone` keeps out the open transactions of hosts, which the first refusal of a statement would end.
impl<C: ConnectionTrait + Clone + Send + Sync + 'static> GroupingStore<C> {
    /// Groups the appends of `store`, whose settings it keeps.
    #[must_use]
    pub fn new(store: SeaOrmStore<C>) -> Self {
        let (most_statements, most_waiting) = (STATEMENTS, WAITING);
        let gate = Gate::new(most_statements, most_waiting);
        Self { store: Arc::new(store), gate, most_statements, most_waiting }
    }

    /// Has at most so many statements of appends under way at once, at least 1; 4 when this is not
    /// called.
    ///
    /// With fewer, more turns share a statement. More than the pool has connections is of no use.
    /// Clones that were made before are counted apart.
    #[must_use]
    pub fn with_max_statements(mut self, statements: u32) -> Self {
        self.most_statements = statements.max(1) as usize;
        self.gate = Gate::new(self.most_statements, self.most_waiting);
        self
    }

    /// Lets at most so many turns wait; 4,096 when this is not called. What arrives beyond them is
    /// [`Busy`](crate::Error::Busy) at once.
    ///
    /// Clones that were made before are counted apart.
    #[must_use]
    pub fn with_max_waiting(mut self, turns: u32) -> Self {
        self.most_waiting = turns as usize;
        self.gate = Gate::new(self.most_statements, self.most_waiting);
        self
    }

    /// The same store, statements and turns that wait, with another deadline:
    /// [`SeaOrmStore::with_deadline`].
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.store = Arc::new(SeaOrmStore::clone(&self.store).with_deadline(deadline));
        self
    }

    /// The store behind it, for what is not in the contract: users, tables, the connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{GroupingStore, SeaOrmStore, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = GroupingStore::new(SeaOrmStore::connect("sqlite::memory:").await?);
    ///
    /// store.ungrouped().migrate(&Users::Managed).await?;
    /// let ann = store.ungrouped().ensure_user("ann@example.org").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn ungrouped(&self) -> &SeaOrmStore<C> {
        &self.store
    }

    /// Whether one statement can append for several owners.
    fn groups(&self) -> bool {
        self.store.dialect == Some(Dialect::Postgres) && self.store.fence.is_none()
    }
}

/// Clones share the connection and what is under way.
impl<C> Clone for GroupingStore<C> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), gate: Arc::clone(&self.gate), ..*self }
    }
}

/// Shows the store behind it and the bounds.
impl<C> fmt::Debug for GroupingStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupingStore")
            .field("store", &self.store)
            .field("most_statements", &self.most_statements)
            .field("most_waiting", &self.most_waiting)
            .finish_non_exhaustive()
    }
}
