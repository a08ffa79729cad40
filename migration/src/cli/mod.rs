//! The command line.

mod args;

use std::{ffi::OsString, time::Duration};

use args::{Action, Args};
use scrollback_migration::{Connect, ConnectError, MigrateError, Migrator, Status, Users};
use sea_orm_migration::sea_orm::DbBackend;

/// What to print, and whether all is as it should be.
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) is_good: bool,
}

/// Why there is nothing to print. No text holds a URL.
pub(crate) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// It was understood, and did not succeed.
    Failed(String),
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::InvalidUrl { .. } => Self::Usage(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Long enough for a database that sleeps until somebody calls.
const WAIT: Duration = Duration::from_secs(10);

/// Carries out the command line `args`; `url` is what stands in the environment.
pub(crate) async fn run(
    args: impl Iterator<Item = OsString>,
    url: Option<String>,
) -> Result<Report, Failure> {
    let Args { action, url: given, users, tables, row_security, backend } = args::parse(args)?;
    let url = given.or(url);
    // Reading and dropping do not depend on the choice.
    let migrator = Migrator::new(tables, users.unwrap_or(Users::Unchecked));
    let migrator = if row_security { migrator.with_row_security() } else { migrator };

    let db = match action {
        Action::Help => return Ok(good(args::HELP.to_owned())),
        Action::Version => return Ok(good(format!("{}\n", env!("CARGO_PKG_VERSION")))),
        Action::Sql => return Ok(good(migrator.sql(chosen(backend, url.as_deref())?)?)),
        Action::Up => connect(url)?.open().await?,
        Action::Down | Action::Status => connect(url)?.without_creating().open().await?,
    };
    let report = match action {
        Action::Up => migrator.up(&db).await.map(|names| applied("applied", &names)),
        Action::Down if row_security => {
            migrator.down_row_security(&db).await.map(|names| applied("reverted", &names))
        }
        Action::Down => migrator.down(&db).await.map(|names| applied("reverted", &names)),
        _ => migrator.status(&db).await.map(|status| listed(&status)),
    };
    // The server drops what is left of a connection; there is nothing to say about it.
    let _ = db.close().await;
    Ok(report?)
}

fn connect(url: Option<String>) -> Result<Connect, Failure> {
    let url = url.ok_or_else(|| usage("no database: give --database-url, or set DATABASE_URL"))?;
    Ok(Connect::new(&url)?.with_max_connections(1).with_acquire_timeout(WAIT))
}

fn chosen(backend: Option<DbBackend>, url: Option<&str>) -> Result<DbBackend, Failure> {
    match (backend, url) {
        (Some(backend), _) => Ok(backend),
        (None, Some(url)) => Ok(Connect::new(url)?.backend()),
        (None, None) => Err(usage("sql needs --backend postgres or --backend sqlite, or a URL")),
    }
}

fn applied(verb: &str, names: &[String]) -> Report {
    if names.is_empty() {
        return good("nothing to do\n".to_owned());
    }
    good(names.iter().map(|name| format!("{verb} {name}\n")).collect())
}

fn listed(status: &Status) -> Report {
    let mut text = String::new();
    let parts =
        [("applied", &status.applied), ("pending", &status.pending), ("unknown", &status.unknown)];
    for (word, names) in parts {
        text.extend(names.iter().map(|name| format!("{word} {name}\n")));
    }
    text.extend(status.owners.iter().map(|owners| format!("owners {owners}\n")));
    text.push_str(match (status.is_newer(), status.is_current()) {
        (true, _) => "The database is newer than this program: upgrade scrollback.\n",
        (_, true) => "The database is current.\n",
        _ => "The database is not current: run up.\n",
    });
    Report { text, is_good: status.is_current() }
}

const fn good(text: String) -> Report {
    Report { text, is_good: true }
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(text.into())
}
