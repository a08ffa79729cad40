//! Connecting is the migration crate's, whose binary opens the same URLs in the same way.

pub use scrollback_migration::{Connect, ConnectError};

use crate::error::{Cause, Error};

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::InvalidUrl { reason, .. } => Self::invalid("url", reason),
            ConnectError::Unreachable { address, cause, .. } => {
                Self::unreachable(address, Cause::new(cause))
            }
            ConnectError::Setup { problem, .. } => Self::setup(problem),
            ConnectError::Busy { cause, .. } => Self::Busy(Cause::new(cause)),
            other => Self::setup(other.to_string()),
        }
    }
}
