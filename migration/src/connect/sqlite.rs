//! SQLite: a file, or a database in memory, behind a pool of one connection.

use std::time::Duration;

use sea_orm_migration::sea_orm::{
    DatabaseConnection, SqlxSqliteConnector,
    sqlx::{
        self, ConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use tokio::time::{Instant, sleep};

use super::{ConnectError, Limits, Result, url::invalid};
use crate::driver;

/// How long a writer waits for another process that writes to the same file: less than the deadline
/// of a call, so that the answer is "not applied" and not "unknown".
const BUSY: Duration = Duration::from_secs(4);

/// Between two attempts to open a file that others are creating.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Clone)]
pub(super) struct Database {
    options: SqliteConnectOptions,
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    InMemory,
    ReadOnly,
    /// As it is: nothing about the file is changed by opening it.
    Existing,
    Durable,
    DurableAndCreated,
}

impl Database {
    /// Reads what follows `sqlite:` or `sqlite://`.
    pub(super) fn of(file: &str) -> Result<Self> {
        let (path, parameters) = file.split_once('?').unwrap_or((file, ""));
        let mode = match (path, parameters) {
            (":memory:" | "", "mode=memory") => Mode::InMemory,
            // To SQLite the empty name is a temporary file that is deleted when it is closed.
            ("", _) => {
                return Err(invalid("names no file: write sqlite://PATH or sqlite::memory:"));
            }
            (":memory:", "") | (_, "mode=memory") => Mode::InMemory,
            (_, "" | "mode=rwc") => Mode::DurableAndCreated,
            (_, "mode=rw") => Mode::Durable,
            (_, "mode=ro") => Mode::ReadOnly,
            _ => return Err(invalid(PARAMETERS)),
        };
        let url = match (path, mode) {
            ("" | ":memory:", _) => "sqlite::memory:".to_owned(),
            (_, Mode::InMemory) => format!("sqlite://{path}?mode=memory"),
            _ => format!("sqlite://{path}"),
        };
        let options = url
            .parse()
            .map_err(|_| invalid("cannot be read: the path is not percent-encoded UTF-8"))?;
        Ok(Self { options, mode })
    }

    pub(super) fn is_in_memory(&self) -> bool {
        self.mode == Mode::InMemory
    }

    pub(super) fn leave_alone(&mut self) {
        if matches!(self.mode, Mode::Durable | Mode::DurableAndCreated) {
            self.mode = Mode::Existing;
        }
    }

    /// The file.
    pub(super) fn address(&self) -> String {
        self.options.get_filename().display().to_string()
    }

    fn options(&self) -> SqliteConnectOptions {
        let options = self.options.clone().foreign_keys(true).busy_timeout(BUSY);
        let options = match self.mode {
            Mode::InMemory | Mode::Existing => options,
            // The second is what the preflight can ask for.
            Mode::ReadOnly => options.read_only(true).pragma("query_only", "1"),
            Mode::Durable => durable(options),
            Mode::DurableAndCreated => durable(options).create_if_missing(true),
        };
        options.disable_statement_logging()
    }

    fn is_missing(&self) -> bool {
        matches!(self.mode, Mode::ReadOnly | Mode::Existing | Mode::Durable)
            && !self.options.get_filename().exists()
    }
}

const PARAMETERS: &str = "for SQLite takes no parameter but mode, which is rwc, rw, ro or memory: \
     write `?` in a path as %3F";

pub(super) async fn open(database: Database, limits: Limits) -> Result<DatabaseConnection> {
    let deadline = Instant::now() + limits.acquire;
    loop {
        match pool(limits).connect_with(database.options()).await {
            Ok(pool) => return Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)),
            Err(_) if database.is_missing() => return Err(missing(&database)),
            Err(error) => match refused(&error) {
                // Who switches a new file to WAL makes others who open it fail at once, not wait.
                ConnectError::Busy { .. } if Instant::now() < deadline => sleep(PAUSE).await,
                error => return Err(error),
            },
        }
    }
}

fn missing(database: &Database) -> ConnectError {
    let creator =
        if database.mode == Mode::Existing { "`scrollback-migration up`" } else { "mode=rwc" };
    ConnectError::setup(format!("there is no file {}: {creator} creates it", database.address()))
}

fn refused(error: &sqlx::Error) -> ConnectError {
    if let Some(problem) = driver::problem(error) {
        return ConnectError::setup(problem);
    }
    let code = error.as_database_error().and_then(|error| error.code());
    let Some(code) = code else { return ConnectError::busy("no connection became free in time") };
    let cause = format!("SQLite result code {code}");
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(8) => ConnectError::setup(
            "the SQLite file may only be read: allow writing it and its folder, or open it with \
             mode=ro",
        ),
        // BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, SCHEMA.
        Ok(5 | 6 | 7 | 9 | 10 | 13 | 17) => ConnectError::busy(cause),
        _ => ConnectError::setup(format!("SQLite refuses the file ({cause})")),
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
    options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
}
