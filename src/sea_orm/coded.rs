//! A database's refusal with a code of the test's choice; the driver lets nobody else make one.

use std::{borrow::Cow, error::Error, fmt};

use sea_orm::sqlx::{
    self,
    error::{DatabaseError, ErrorKind},
};

#[derive(Debug)]
struct Coded(&'static str);

/// The text of the refusal is "canary", which must not be seen anywhere.
pub(super) fn refused_with(code: &'static str) -> sqlx::Error {
    sqlx::Error::Database(Box::new(Coded(code)))
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("canary")
    }
}

impl Error for Coded {}

impl DatabaseError for Coded {
    fn message(&self) -> &str {
        "canary"
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.0.into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
