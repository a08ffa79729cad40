//! Which database a URL means, and within which limits it is used.

use std::time::Duration;

#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite;
use super::{Result, url::Scheme};

/// What a pool may come to, at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// So many connections.
    pub(super) connections: u32,
    /// So long a wait for one.
    pub(super) acquire: Duration,
    /// So long without work.
    pub(super) idle: Duration,
    /// So old.
    pub(super) lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let acquire = Duration::from_secs(3);
        Self { connections: 1, acquire, idle: minutes(10), lifetime: minutes(30) }
    }
}

/// The database that a URL means.
#[derive(Clone)]
pub(super) enum Target {
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Server>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Database>),
}

impl Target {
    pub(super) fn of(url: &str) -> Result<Self> {
        match Scheme::of(url)? {
            #[cfg(feature = "postgres")]
            Scheme::Postgres(url) => Ok(Self::Postgres(Box::new(postgres::Server::of(url)?))),
            #[cfg(feature = "sqlite")]
            Scheme::Sqlite(file) => Ok(Self::Sqlite(Box::new(sqlite::Database::of(file)?))),
        }
    }

    pub(super) fn leave_alone(&mut self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => database.leave_alone(),
        }
    }

    pub(super) const fn connections(&self) -> u32 {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => 10,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => 1,
        }
    }

    pub(super) fn may_have_several(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => !database.is_in_memory(),
        }
    }

    pub(super) fn address(&self) -> String {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.address(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => database.address(),
        }
    }
}
