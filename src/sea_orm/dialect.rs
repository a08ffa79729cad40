//! In what the two databases differ, beside their SQL.

#[cfg(feature = "sqlite")]
use chrono::SubsecRound;
use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, Value};

use crate::{sea_orm::statement::Sql, turn::Turn};

/// A database that this crate was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "sqlite")]
    Sqlite,
}

impl Dialect {
    pub(super) const fn of(backend: DbBackend) -> Option<Self> {
        match backend {
            #[cfg(feature = "postgres")]
            DbBackend::Postgres => Some(Self::Postgres),
            #[cfg(feature = "sqlite")]
            DbBackend::Sqlite => Some(Self::Sqlite),
            _ => None,
        }
    }

    pub(super) const fn backend(self) -> DbBackend {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => DbBackend::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite => DbBackend::Sqlite,
        }
    }

    pub(super) const fn sql(self) -> &'static Sql<&'static str> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => &super::postgres::SQL,
            #[cfg(feature = "sqlite")]
            Self::Sqlite => &super::sqlite::SQL,
        }
    }

    /// The messages of a turn, as the append statement takes them.
    pub(super) fn messages(self, turn: &Turn) -> Vec<Value> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => super::postgres::messages(turn),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => super::sqlite::messages(turn),
        }
    }

    /// Appends the time to the values of a write, where the statement cannot ask the database.
    pub(super) fn stamped(self, values: Vec<Value>) -> Vec<Value> {
        match self {
            // One clock for all processes: the server's.
            #[cfg(feature = "postgres")]
            Self::Postgres => values,
            // SQLite's own clock has milliseconds only.
            #[cfg(feature = "sqlite")]
            Self::Sqlite => {
                let now = self.time(Some(Utc::now().trunc_subsecs(6)));
                values.into_iter().chain([now]).collect()
            }
        }
    }

    /// A point in time as a parameter.
    pub(super) fn time(self, time: Option<DateTime<Utc>>) -> Value {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => time.into(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite => time.map(|time| time.timestamp_micros()).into(),
        }
    }
}
