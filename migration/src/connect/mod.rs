//! From a URL to a connection pool with the settings that a store needs.

mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod refusal;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "postgres")]
mod trouble;
mod url;

use std::{fmt, time::Duration};

use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend};

pub use error::ConnectError;
pub use refusal::Refusal;
use url::Scheme;

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
/// * **SQLite.** The file is created when it is missing, unless the mode is `rw` or `ro`. WAL with `synchronous=FULL`: what was
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
        let limits = Limits { connections: target.connections(), acquire: Duration::from_secs(3) };
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
        match self.target {
            #[cfg(feature = "postgres")]
            Target::Postgres(server) => postgres::open(*server, self.limits).await,
            #[cfg(feature = "sqlite")]
            Target::Sqlite(database) => sqlite::open(*database, self.limits).await,
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
            .finish()
    }
}

#[derive(Clone, Copy)]
struct Limits {
    connections: u32,
    acquire: Duration,
}

#[derive(Clone)]
enum Target {
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Server>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlite::Database>),
}

impl Target {
    fn of(url: &str) -> Result<Self> {
        match Scheme::of(url)? {
            #[cfg(feature = "postgres")]
            Scheme::Postgres(url) => Ok(Self::Postgres(Box::new(postgres::Server::of(url)?))),
            #[cfg(feature = "sqlite")]
            Scheme::Sqlite(file) => Ok(Self::Sqlite(Box::new(sqlite::Database::of(file)?))),
        }
    }

    fn leave_alone(&mut self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {}
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => database.leave_alone(),
        }
    }

    const fn connections(&self) -> u32 {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => 10,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => 1,
        }
    }

    fn may_have_several(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => !database.is_in_memory(),
        }
    }

    fn address(&self) -> String {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.address(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(database) => database.address(),
        }
    }
}

#[cfg(test)]
mod tests;
