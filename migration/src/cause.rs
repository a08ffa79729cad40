//! Failures of the database, reduced to what may be shown: the only place that reads a `DbErr`.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use sea_orm_migration::sea_orm::RuntimeErr;
use sea_orm_migration::sea_orm::{ConnAcquireErr, DbErr};

use crate::error::MigrateError;

/// The error code: five characters on PostgreSQL, a number on SQLite.
pub(crate) fn code(error: &DbErr) -> Option<String> {
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    if let DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error)) = error
    {
        return error.as_database_error()?.code().map(Into::into);
    }
    let _ = error;
    None
}

/// Whether another session was in the way for too long.
pub(crate) fn is_locked(error: &DbErr) -> bool {
    match code(error).as_deref() {
        // lock_not_available, which is what a lock_timeout gives; deadlock_detected.
        Some("55P03" | "40P01") => true,
        // The low byte of SQLite's extended codes; 5 is SQLITE_BUSY and 6 is SQLITE_LOCKED.
        Some(code) if code.len() < 5 => {
            code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6))
        }
        _ => false,
    }
}

/// The error for a failure that means nothing special where it happened.
#[expect(
    clippy::needless_pass_by_value,
    reason = "an error ends here; it reads as `map_err(plain)`"
)]
pub(crate) fn plain(error: DbErr) -> MigrateError {
    if is_locked(&error) {
        return MigrateError::LockTimeout;
    }
    let cause = match code(&error) {
        Some(code) => words(&code)
            .map_or_else(|| format!("code {code}"), |words| format!("{words} (code {code})")),
        None => kind(&error).to_owned(),
    };
    MigrateError::database(cause)
}

fn words(code: &str) -> Option<&'static str> {
    Some(match code {
        "3F000" => "no schema to make the tables in; check search_path, or name a schema",
        "25006" => "it only reads at the moment",
        "2BP01" => "something that is not ours depends on the tables",
        "42501" => "the role lacks a permission: let the owner of the tables do it",
        "42P05" | "26000" => {
            "a pooler without support for prepared statements is in between; connect directly"
        }
        "53100" | "13" => "the disk is full",
        "57014" => "a time limit of the server, or an administrator, ended the migration",
        "8" => "it only reads",
        _ => return None,
    })
}

fn kind(error: &DbErr) -> &'static str {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => "no connection of the pool was free",
        DbErr::ConnectionAcquire(_) => "the connection pool is closed",
        DbErr::Conn(_) => "the connection failed",
        DbErr::Exec(_) | DbErr::Query(_) => "the connection was lost",
        _ => "an answer could not be read",
    }
}
