//! The one error type of the crate.

use std::{borrow::Cow, convert::Infallible, fmt};

/// What every call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not do what was asked, and whether it may have been applied.
///
/// No variant carries message content, titles, metadata, keys or credentials, neither in `Display`
/// and `Debug` nor in [`source`](std::error::Error::source): the cause is reduced to a
/// [`Cause`] before it leaves the store, because database messages quote the values they refuse.
///
/// | variant | applied? | what to do | over HTTP |
/// | --- | --- | --- | --- |
/// | [`NotFound`](Self::NotFound) | no | nothing of the caller's has this name | 404 |
/// | [`InvalidInput`](Self::InvalidInput) | no | show the field and the reason | 400 |
/// | [`Conflict`](Self::Conflict) | no | read again, then decide | 409; 412 for what was expected |
/// | [`Busy`](Self::Busy), [`Unreachable`](Self::Unreachable) | no | try again after a pause | 503 |
/// | [`ReadOnly`](Self::ReadOnly) | no | try again: a failover is under way | 503 |
/// | [`OutcomeUnknown`](Self::OutcomeUnknown) | perhaps | send again **with the same key** | 503 |
/// | [`Setup`](Self::Setup) | no | change what the text says; retrying does not help | 500 |
/// | [`Internal`](Self::Internal) | perhaps | report it: a defect, or a damaged database | 500 |
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationId, ConversationStore, Error, MemoryStore, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store = MemoryStore::new();
/// let error = store.get(UserId::new(1), ConversationId::new(42)).await.unwrap_err();
///
/// assert!(matches!(error, Error::NotFound));
/// assert!(!error.is_retryable());
/// # }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing with this name belongs to the caller.
    ///
    /// Unknown, deleted and somebody else's things are told apart by nothing: not by the variant,
    /// not by its text, not by the work that was done to find out.
    #[error("not found")]
    NotFound,

    /// The input breaks a limit of [`limit`](crate::limit); nothing was stored.
    #[error("invalid input: {field} {reason}")]
    #[non_exhaustive]
    InvalidInput {
        /// What is wrong, such as `content`, `cursor` or `turn key`.
        field: &'static str,
        /// Why, to be read after the field.
        reason: &'static str,
    },

    /// The call contradicts what is stored; nothing was changed.
    #[error("conflict: {0}")]
    Conflict(Conflict),

    /// The database was busy or out of reach and the call was **not** applied: try again after a
    /// pause.
    #[error("busy or out of reach: nothing was applied, try again")]
    Busy(#[source] Cause),

    /// Nothing answers at this address, where a store was to be opened.
    #[error("no answer from {address}: nothing was applied; check that the server runs there")]
    #[non_exhaustive]
    Unreachable {
        /// Host and port, or the socket, that was tried.
        address: Box<str>,
        /// Why, reduced to its kind.
        source: Cause,
    },

    /// The database only reads at the moment and the call was **not** applied: try again.
    #[error("the database is read-only at the moment: nothing was applied, try again")]
    ReadOnly(#[source] Cause),

    /// The connection was lost after the call was sent: it may have been applied.
    ///
    /// If it had a [`TurnKey`](crate::TurnKey) or a [`SessionId`](crate::SessionId), send it again
    /// with the same one: what was stored is not stored twice. Otherwise read first; with an expected
    /// [`Version`](crate::Version), sending it again changes nothing twice but may be refused because
    /// it had been applied.
    #[error(
        "the outcome is unknown: it may have been applied; send it again with the same key, or \
         read first if it had none"
    )]
    OutcomeUnknown(#[source] Cause),

    /// The database cannot be used as it is set up; the text says what to change.
    #[error("{problem}")]
    #[non_exhaustive]
    Setup {
        /// What is wrong and what to change, in one or two sentences.
        problem: Box<str>,
    },

    /// A failure that this crate does not model: a defect, or a damaged database.
    #[error("the store failed for a reason it does not know")]
    Internal(#[source] Cause),
}

impl Error {
    /// An [`InvalidInput`](Self::InvalidInput) about `field`.
    #[must_use]
    pub const fn invalid(field: &'static str, reason: &'static str) -> Self {
        Self::InvalidInput { field, reason }
    }

    /// A [`Setup`](Self::Setup) problem; `problem` says what to change.
    #[must_use]
    pub fn setup(problem: impl Into<Box<str>>) -> Self {
        Self::Setup { problem: problem.into() }
    }

    /// An [`Unreachable`](Self::Unreachable) server at `address`, which holds no credentials.
    #[must_use]
    pub fn unreachable(address: impl Into<Box<str>>, source: Cause) -> Self {
        Self::Unreachable { address: address.into(), source }
    }

    /// Whether the same call may succeed later without anything being changed.
    ///
    /// True for `Busy`, `Unreachable`, `ReadOnly` and `OutcomeUnknown`; after the last, repeat
    /// writes only with a key.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::Unreachable { .. } | Self::ReadOnly(_) | Self::OutcomeUnknown(_)
        )
    }

    /// The variant as a word, for logs and metrics: `not_found`, `outcome_unknown` and so on.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::InvalidInput { .. } => "invalid_input",
            Self::Conflict(_) => "conflict",
            Self::Busy(_) => "busy",
            Self::Unreachable { .. } => "unreachable",
            Self::ReadOnly(_) => "read_only",
            Self::OutcomeUnknown(_) => "outcome_unknown",
            Self::Setup { .. } => "setup",
            Self::Internal(_) => "internal",
        }
    }
}

/// Lets conversions that cannot fail stand where a fallible one may.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// What a call contradicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// The turn key was used in this conversation for another payload.
    KeyReused,
    /// The conversation does not hold the expected number of messages any more.
    Moved,
    /// The conversation is not of the expected version any more.
    Changed,
    /// The owner already has a conversation with this session id.
    SessionTaken,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyReused => "this key was used for another turn; use a new key for new messages",
            Self::Moved => "the conversation has moved on; read it again and decide",
            Self::Changed => "the conversation has changed; read it again and decide",
            Self::SessionTaken => "this session id has a conversation already; look it up instead",
        })
    }
}

/// A failure reduced to what may be logged: its kind or its SQLSTATE, never a value.
///
/// # Examples
///
/// ```
/// use scrollback::{Cause, Error};
///
/// let error = Error::Busy(Cause::new("the connection pool is exhausted"));
///
/// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the connection pool is exhausted");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause(Cow<'static, str>);

impl Cause {
    /// Takes a text that holds no content and no credentials.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_stays_small() {
        // Every `Result` of the public API carries this type by value.
        assert!(size_of::<Error>() <= 40, "{}", size_of::<Error>());
    }

    #[test]
    fn every_variant_has_a_word_and_says_whether_to_try_again() {
        let cause = || Cause::new("why");
        for (error, kind, retryable) in [
            (Error::NotFound, "not_found", false),
            (Error::invalid("title", "is empty"), "invalid_input", false),
            (Error::Conflict(Conflict::Moved), "conflict", false),
            (Error::Busy(cause()), "busy", true),
            (Error::unreachable("localhost:5432", cause()), "unreachable", true),
            (Error::ReadOnly(cause()), "read_only", true),
            (Error::OutcomeUnknown(cause()), "outcome_unknown", true),
            (Error::setup("do this"), "setup", false),
            (Error::Internal(cause()), "internal", false),
        ] {
            assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{error:?}");
        }
    }

    #[test]
    fn a_conflict_says_what_to_do() {
        let text = |conflict| Error::Conflict(conflict).to_string();

        assert!(text(Conflict::KeyReused).contains("use a new key"));
        assert!(text(Conflict::Moved).contains("read it again"));
        assert!(text(Conflict::Changed).contains("read it again"));
        assert!(text(Conflict::SessionTaken).contains("look it up"));
        assert_eq!(Cause::new("why").to_string(), "why");
    }
}
