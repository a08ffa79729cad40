//! From a URL to a connection pool with the settings that a store needs.

mod error;
#[cfg(feature = "postgres")]
mod health;
#[cfg(feature = "postgres")]
mod postgres;
mod prepared;
mod refusal;
#[cfg(feature = "sqlite")]
mod sqlite;
mod target;
#[cfg(feature = "postgres")]
mod trouble;
mod url;

use std::{fmt, time::Duration};

use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend};

pub use error::ConnectError;
#[cfg(feature = "postgres")]
pub use health::Health;
#[cfg(feature = "postgres")]
pub use prepared::Postgres;
pub use prepared::Prepared;
pub use refusal::Refusal;
use target::{Limits, Target};

type Result<T, E = ConnectError> = std::result::Result<T, E>;

/// A database URL that was understood, and how many connections to open to it.
///
/// Accepted are `postgres://` and `postgresql://` URLs, those of Neon as its console gives them, and
/// `sqlite://PATH`, also with `?mode=rwc`, `rw` or `ro`, and `sqlite::memory:`. What is set, and why:
///
/// * **TLS.** `sslmode=require` and `verify-ca`, and `channel_binding=require`, are raised to
///   `verify-full` against the public authorities, or those of `sslrootcert`: the driver would check
///   no certificate otherwise. Without an `sslmode` it is PostgreSQL's `prefer`, which trusts the network.
/// * **Poolers.** No start-up parameter is sent that PgBouncer refuses.
/// * **One round trip.** A connection is tested before use only when it was idle for 30 seconds.
/// * **Failover.** Connections to a server that only reads are left behind when a write of a store's
///   was refused; those that a host takes for its own statements are not asked.
/// * **SQLite.** The file is created when it is missing, unless the mode is `rw` or `ro`, with the
///   permissions that the process's umask leaves: keep it in a folder that others cannot enter. WAL with `synchronous=FULL`: what was
///   acknowledged survives a power failure. One connection, so writers queue here in their order
///   instead of failing with "busy"; other processes on the same file are waited for, 4 seconds.
/// * **Silence.** No statement is logged, and the password is in no text, `Debug` included.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// # use scrollback_migration::{Connect, ConnectError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ConnectError> {
/// let connection = Connect::new("sqlite::memory:")?
///     .with_acquire_timeout(Duration::from_secs(1))
///     .open()
///     .await?;
/// # drop(connection);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connect {
    target: Target,
    limits: Limits,
}

impl Connect {
    /// Reads a URL; nothing is opened yet.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`](ConnectError::InvalidUrl) when it cannot be understood, or needs a feature of
    /// this crate that is not enabled. The reason never quotes the URL.
    pub fn new(url: &str) -> Result<Self, ConnectError> {
        let target = Target::of(url)?;
        let limits = Limits { connections: target.connections(), ..Limits::default() };
        Ok(Self { target, limits })
    }

    /// At most this many connections, 1 to 1,000; 10 for PostgreSQL and 1 for SQLite unless set.
    ///
    /// More than one for an SQLite file lets reads run beside a write, and writers compete for the
    /// file. A database in memory lives in its one connection, so there it stays at one.
    #[must_use]
    pub fn with_max_connections(mut self, connections: u32) -> Self {
        if self.target.may_have_several() {
            self.limits.connections = connections.clamp(1, 1_000);
        }
        self
    }

    /// How long a call waits for a free connection, and opening for an answer: 3 seconds unless set.
    #[must_use]
    pub const fn with_acquire_timeout(mut self, timeout: Duration) -> Self {
        self.limits.acquire = timeout;
        self
    }

    /// How long a connection to PostgreSQL may be in nobody's use before it is closed: 10 minutes
    /// unless set. Servers that sleep when nobody is connected want less.
    #[must_use]
    pub const fn with_max_idle(mut self, idle: Duration) -> Self {
        self.limits.idle = idle;
        self
    }

    /// How old a connection to PostgreSQL may become, 30 minutes unless set: then the next call opens a
    /// new one, which may lead to another address.
    #[must_use]
    pub const fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.limits.lifetime = lifetime;
        self
    }

    /// Takes an SQLite file as it is: one that is missing is an error, whatever mode the URL asks for,
    /// and one that is there keeps its journal mode.
    ///
    /// # Examples
    ///
    /// ```
    /// # use scrollback_migration::{Connect, ConnectError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), ConnectError> {
    /// let opened = Connect::new("sqlite://missing.db")?.without_creating().open().await;
    ///
    /// assert!(matches!(opened, Err(ConnectError::Setup { .. })));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn without_creating(mut self) -> Self {
        self.target.leave_alone();
        self
    }

    /// Which database the URL is for.
    #[must_use]
    pub const fn backend(&self) -> DbBackend {
        match self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(_) => DbBackend::Postgres,
            #[cfg(feature = "sqlite")]
            Target::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// Opens the pool, after one connection has shown that the database answers.
    ///
    /// # Errors
    ///
    /// * [`Unreachable`](ConnectError::Unreachable), naming host and port, when nothing answers there
    ///   within the acquire timeout.
    /// * [`Setup`](ConnectError::Setup) when the server refuses the user, the password, the database
    ///   or TLS, or a file cannot be opened; the text says what to change.
    /// * [`Busy`](ConnectError::Busy) when it has no connection left or is starting.
    pub async fn open(self) -> Result<DatabaseConnection, ConnectError> {
        match self.prepare().await? {
            #[cfg(feature = "postgres")]
            Prepared::Postgres(postgres) => Ok(postgres.pool(postgres.max_connections())),
            #[cfg(feature = "sqlite")]
            Prepared::Sqlite(connection) => Ok(connection),
        }
    }

    /// What `scrollback` makes its own pool of, after one connection has shown that the database
    /// answers.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    #[doc(hidden)]
    pub async fn prepare(self) -> Result<Prepared, ConnectError> {
        let limits = self.limits;
        match self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(server) => {
                let options = postgres::greeted(*server, limits).await?;
                Ok(Prepared::Postgres(Box::new(Postgres::new(options, limits))))
            }
            #[cfg(feature = "sqlite")]
            Target::Sqlite(database) => sqlite::open(*database, limits).await.map(Prepared::Sqlite),
        }
    }
}

/// The drivers' options print the password, so only the address is shown.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("address", &self.target.address())
            .field("max_connections", &self.limits.connections)
            .field("acquire_timeout", &self.limits.acquire)
            .field("max_idle", &self.limits.idle)
            .field("max_lifetime", &self.limits.lifetime)
            .finish()
    }
}

#[cfg(test)]
mod tests;
