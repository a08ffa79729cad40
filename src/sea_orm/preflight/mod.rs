//! What a store should know about its database before it serves anyone.

mod finding;
#[cfg(feature = "postgres")]
mod pooler;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseConnectionType, sqlx};
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    error::{Cause, Error, Result},
    sea_orm::error::{Access, driver},
};

pub use finding::{Problem, Warning};

/// Enough for a pooler on another continent; a call that hangs longer has another reason.
const DEADLINE: Duration = Duration::from_secs(10);

/// What was found out about a database, as facts; [`problems`](Self::problems) and
/// [`warnings`](Self::warnings) judge them.
///
/// # Examples
///
/// ```
/// use scrollback::{Connect, preflight::{Preflight, Schema}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let connection = Connect::new("sqlite::memory:")?.open().await?;
///
/// let report = Preflight::of(&connection, &["conversations", "messages"]).await?;
///
/// assert_eq!(report.schema, Schema::Missing);
/// assert!(report.check().unwrap_err().to_string().contains("scrollback-migration up"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preflight {
    /// Which database it is.
    pub backend: Backend,
    /// Its version as a number: 150004 for PostgreSQL 15.4, 3046000 for SQLite 3.46.0.
    pub version: u32,
    /// Its version as it writes it.
    pub version_text: Box<str>,
    /// How it stores text: `UTF8` if it can hold every message.
    pub encoding: Box<str>,
    /// Whether our tables are there, and of our version.
    pub schema: Schema,
    /// Who we are to the server; nobody on SQLite.
    pub role: Option<Role>,
    /// What of an acknowledged write survives a crash.
    pub durability: Durability,
    /// Whether writes are refused: a standby, or a session that only reads.
    pub read_only: bool,
    /// Whether deleting an owner deletes what is theirs; only SQLite can switch that off.
    pub enforces_foreign_keys: bool,
    /// Whether the server is on another machine.
    pub remote: bool,
    /// Whether the connection is encrypted. Behind a pooler it may be the pooler's own connection
    /// that is meant, unless the URL demands TLS.
    pub encrypted: bool,
    /// Whether somebody in between hands one server connection to several clients.
    pub pooler: Pooler,
    /// Whether the server itself keeps owners apart on our tables.
    pub row_security: RowSecurity,
    /// Whether the store names the owner to the server, as
    /// [`with_row_security`](crate::SeaOrmStore::with_row_security) has it; none when no store asked.
    pub names_owner: Option<bool>,
}

/// The database behind a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Backend {
    /// PostgreSQL, or a server that speaks as it does.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// The state of our tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Schema {
    /// There are tables of these names; the migrations were not asked for their version.
    Present,
    /// At least one table is missing.
    Missing,
    /// Some migrations were not applied.
    Pending,
    /// Every migration was applied.
    Current,
    /// A later release has migrated the database.
    Newer,
}

/// The role that the server knows us as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Role {
    /// Its name.
    pub name: Box<str>,
    /// Whether it may do everything, past all grants.
    pub superuser: bool,
    /// Whether it may create tables in the current schema, which only migrating needs.
    pub creates_tables: bool,
    /// What it lacks, each as `INSERT ON "messages"`; tables that are missing are not listed.
    pub missing_privileges: Vec<String>,
}

/// What of an acknowledged write survives a crash.
///
/// | | PostgreSQL | SQLite |
/// | --- | --- | --- |
/// | `fsync` | `fsync` | `synchronous` is not `OFF` |
/// | `full_page_writes` | `full_page_writes` | `journal_mode` is neither `OFF` nor `MEMORY` |
/// | `synchronous_commit` | `synchronous_commit` is not `off` | `synchronous` is `FULL` or `EXTRA` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Durability {
    /// Writes are forced to the disk at all.
    pub fsync: bool,
    /// A page that was half written can be repaired.
    pub full_page_writes: bool,
    /// An answer is given after the write reached the disk, not before.
    pub synchronous_commit: bool,
}

/// Who stands between the store and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Pooler {
    /// Nobody, or a pooler that keeps a server connection per client (session pooling): the same to us.
    NoneOrSession,
    /// A transaction pooler that keeps prepared statements apart, such as PgBouncer from 1.21 with
    /// `max_prepared_statements` above 0.
    TransactionSafe,
    /// A transaction pooler that does not: statements can run with another client's parameters.
    TransactionUnsafe,
}

/// The policies of row level security on our tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum RowSecurity {
    /// There are none, as on SQLite.
    Off,
    /// They hold our role.
    On,
    /// They hold our role on some of our tables.
    Partly,
    /// They are there, and our role passes them by.
    Bypassed,
}

impl Preflight {
    /// Asks the database; `tables` are the names that must exist, as SQL writes them.
    ///
    /// On PostgreSQL two connections beside the pool are opened for a moment, with its options: only
    /// two clients can tell a transaction pooler from a server. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`Busy`](Error::Busy) when the database does not answer within 10 seconds or has no connection
    /// to spare, [`Setup`](Error::Setup) when it refuses the questions.
    pub async fn of(connection: &DatabaseConnection, tables: &[&str]) -> Result<Self> {
        let asked = match &connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = connection.get_postgres_connection_pool();
                timeout(DEADLINE, postgres::inspect(pool, tables)).await
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                let pool = connection.get_sqlite_connection_pool();
                timeout(DEADLINE, sqlite::inspect(pool, tables)).await
            }
            _ => return Err(Error::setup("the connection is no pool of PostgreSQL or SQLite")),
        };
        flatten(asked)
    }

    /// Fails with everything that [`problems`](Self::problems) lists.
    ///
    /// # Errors
    ///
    /// [`Setup`](Error::Setup), whose text says what to change.
    pub fn check(&self) -> Result<()> {
        let problems = self.problems();
        if problems.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Err(Error::setup(texts.join("; ")))
    }
}

fn flatten<T, E>(asked: Result<Result<T, sqlx::Error>, E>) -> Result<T> {
    match asked {
        Ok(answered) => answered.map_err(|error| driver(&error, Access::Read)),
        Err(_) => Err(Error::Busy(Cause::new("the database did not answer within 10 seconds"))),
    }
}
