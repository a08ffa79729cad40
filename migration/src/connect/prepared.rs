//! What a pool is made of, for the pool of `scrollback` itself.

use sea_orm_migration::sea_orm::DatabaseConnection;
#[cfg(feature = "postgres")]
use sea_orm_migration::sea_orm::sqlx::postgres::PgConnectOptions;
#[cfg(feature = "postgres")]
use std::{fmt, time::Duration};

#[cfg(feature = "postgres")]
use super::{Limits, postgres};

/// A database that has answered.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it is for the one crate that handles all of them")]
pub enum Prepared {
    /// How to reach it.
    #[cfg(feature = "postgres")]
    Postgres(Box<Postgres>),
    /// It is open: an SQLite pool needs no other.
    #[cfg(feature = "sqlite")]
    Sqlite(DatabaseConnection),
}

/// How connections to a PostgreSQL server are opened, and when they are closed.
#[cfg(feature = "postgres")]
#[derive(Clone)]
pub struct Postgres {
    options: PgConnectOptions,
    limits: Limits,
}

#[cfg(feature = "postgres")]
impl Postgres {
    pub(super) const fn new(options: PgConnectOptions, limits: Limits) -> Self {
        Self { options, limits }
    }

    /// SeaORM's own pool of at most so many connections, none of which is opened yet.
    #[must_use]
    pub fn pool(&self, connections: u32) -> DatabaseConnection {
        postgres::pool(self.options.clone(), Limits { connections, ..self.limits })
    }

    /// Where to, as whom, with which TLS.
    #[must_use]
    pub const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// How many connections there may be.
    #[must_use]
    pub const fn max_connections(&self) -> u32 {
        self.limits.connections
    }

    /// How long a call waits for one.
    #[must_use]
    pub const fn acquire_timeout(&self) -> Duration {
        self.limits.acquire
    }

    /// How long one may be in nobody's use.
    #[must_use]
    pub const fn max_idle(&self) -> Duration {
        self.limits.idle
    }

    /// How old one may become.
    #[must_use]
    pub const fn max_lifetime(&self) -> Duration {
        self.limits.lifetime
    }
}

/// The driver's options print the password.
#[cfg(feature = "postgres")]
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("limits", &self.limits).finish_non_exhaustive()
    }
}
