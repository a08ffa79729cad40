//! SQLite: a file, or a database in memory, behind a pool of one connection.

use std::time::Duration;

use sea_orm::{
    DatabaseConnection, SqlxSqliteConnector,
    sqlx::{
        ConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use tokio::time::{Instant, sleep};

use super::Limits;
use crate::{
    error::{Error, Result},
    sea_orm::{
        error::{Access, driver},
        url::invalid,
    },
};

/// How long a writer waits for another process that writes to the same file: less than the deadline
/// of a call, so that the answer is "not applied" and not "unknown".
const BUSY: Duration = Duration::from_secs(4);

/// Between two attempts to open a file that others are creating.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Clone)]
pub(super) struct Database {
    pub(super) options: SqliteConnectOptions,
    pub(super) in_memory: bool,
}

impl Database {
    /// Reads what follows `sqlite:` or `sqlite://`.
    pub(super) fn of(file: &str) -> Result<Self> {
        let (path, parameters) = file.split_once('?').unwrap_or((file, ""));
        // To SQLite the empty name is a temporary file that is deleted when it is closed.
        if path.is_empty() {
            return Err(invalid("names no file: write sqlite://PATH or sqlite::memory:"));
        }
        if !parameters.is_empty() {
            return Err(invalid("for SQLite takes no parameters: write `?` in a path as %3F"));
        }
        let options: SqliteConnectOptions = format!("sqlite://{path}")
            .parse()
            .map_err(|_| invalid("cannot be read: the path is not percent-encoded UTF-8"))?;
        let in_memory = path == ":memory:";
        Ok(Self { options: if in_memory { options } else { durable(options) }, in_memory })
    }
}

pub(super) async fn open(database: Database, limits: Limits) -> Result<DatabaseConnection> {
    let options =
        database.options.foreign_keys(true).busy_timeout(BUSY).disable_statement_logging();
    let deadline = Instant::now() + limits.acquire;
    loop {
        let opened = pool(limits).connect_with(options.clone()).await;
        match opened.map_err(|error| driver(&error, Access::Read)) {
            // Who switches a new file to WAL makes others who open it fail at once, not wait.
            Err(Error::Busy(_)) if Instant::now() < deadline => sleep(PAUSE).await,
            opened => return opened.map(SqlxSqliteConnector::from_sqlx_sqlite_pool),
        }
    }
}

/// There is no network to lose, and a database in memory dies with its connection.
fn pool(limits: Limits) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(limits.acquire)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
}

/// Readers and a writer side by side; what was acknowledged survives a power failure.
fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
}
