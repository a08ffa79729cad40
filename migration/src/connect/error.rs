//! Why there is no connection.

use std::borrow::Cow;

/// Why a database could not be opened. No variant holds a URL or a credential.
///
/// # Examples
///
/// ```
/// # use scrollback_migration::{Connect, ConnectError};
///
/// let error = Connect::new("mysql://ann:secret@host/chat").unwrap_err();
///
/// assert!(matches!(error, ConnectError::InvalidUrl { .. }));
/// assert!(!error.to_string().contains("secret"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL cannot be understood, or is for a database that is not compiled in.
    #[error("the database URL {reason}")]
    #[non_exhaustive]
    InvalidUrl {
        /// What is wrong with it, to be read after "the URL".
        reason: &'static str,
    },

    /// Nothing answers at this address.
    #[error("no answer from {address}: {cause}; check that the server runs there")]
    #[non_exhaustive]
    Unreachable {
        /// Host and port, or the socket, that was tried.
        address: Box<str>,
        /// Why, reduced to its kind.
        cause: Cow<'static, str>,
    },

    /// The database answers, and cannot be used as it is set up.
    #[error("{problem}")]
    #[non_exhaustive]
    Setup {
        /// What is wrong and what to change.
        problem: Cow<'static, str>,
    },

    /// The database has no room at the moment: try again after a pause.
    #[error("the database is busy, try again: {cause}")]
    #[non_exhaustive]
    Busy {
        /// Why, reduced to its kind.
        cause: Cow<'static, str>,
    },
}

impl ConnectError {
    pub(super) const fn invalid(reason: &'static str) -> Self {
        Self::InvalidUrl { reason }
    }

    pub(super) fn setup(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::Setup { problem: problem.into() }
    }

    pub(super) fn busy(cause: impl Into<Cow<'static, str>>) -> Self {
        Self::Busy { cause: cause.into() }
    }
}
