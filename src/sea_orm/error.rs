//! From a database's failure to ours: by code, never by text, and none of its text leaves.

use std::borrow::Cow;

use scrollback_migration::driver::{named, problem};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

use crate::error::{Cause, Error};

/// What the failed call wanted: a write that lost its connection may have been applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Translates what SeaORM returned; unique violations are told apart by the caller before.
pub(super) fn translate(error: &DbErr, access: Access) -> Error {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => pool_timed_out(),
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => pool_closed(),
        // SeaORM keeps `Conn` for what fails before a statement is sent: a lost write is not in doubt.
        DbErr::Conn(RuntimeErr::SqlxError(error)) => driver(error, Access::Read),
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            driver(error, access)
        }
        _ => Error::Internal(Cause::new("SeaORM could not read or write a value")),
    }
}

/// What a row is that cannot be read; whatever the call changed stays changed.
pub(super) fn unreadable(error: DbErr) -> Error {
    translate(&error, Access::Read)
}

/// The SQLSTATE of PostgreSQL, or the extended result code of SQLite in decimal.
pub(super) fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    let (DbErr::Exec(error) | DbErr::Query(error) | DbErr::Conn(error)) = error else {
        return None;
    };
    match error {
        RuntimeErr::SqlxError(error) => error.as_database_error()?.code(),
        _ => None,
    }
}

/// Translates what sqlx returned, also outside SeaORM.
pub(super) fn driver(error: &sqlx::Error, access: Access) -> Error {
    if let Some(problem) = problem(error) {
        return Error::setup(problem);
    }
    match error {
        sqlx::Error::Database(refusal) => refused(refusal.code().as_deref(), access),
        sqlx::Error::Io(error) => lost(access, Cause::new(error.kind().to_string())),
        sqlx::Error::Protocol(_) => lost(access, Cause::new("the connection fell out of step")),
        sqlx::Error::WorkerCrashed => lost(access, Cause::new("the SQLite worker is gone")),
        sqlx::Error::PoolTimedOut => pool_timed_out(),
        sqlx::Error::PoolClosed => pool_closed(),
        sqlx::Error::BeginFailed => Error::Busy(Cause::new("no transaction could be begun")),
        _ => Error::Internal(Cause::new("the driver could not read or write a value")),
    }
}

pub(super) const TABLES: &str = "the tables are missing or of another version: run `scrollback-migration up`, \
     or call SeaOrmStore::migrate; if they have other names or a schema, SeaOrmStore::with_tables \
     must say so";

fn refused(code: Option<&str>, access: Access) -> Error {
    match code {
        // A SQLSTATE always has five characters, a result code of SQLite at most four.
        Some(sqlstate) if sqlstate.len() == 5 => postgres(sqlstate, access),
        Some(code) => sqlite(code, access),
        None => Error::Internal(Cause::new("the database gave no code")),
    }
}

fn postgres(sqlstate: &str, access: Access) -> Error {
    let cause = || Cause::new(named(sqlstate));
    match sqlstate {
        // The owner or the conversation was deleted meanwhile.
        "23503" => Error::NotFound,
        "25006" => Error::ReadOnly(cause()),
        "25P02" => Error::Busy(Cause::new("the host's transaction has failed: roll it back")),
        "40001" | "40P01" | "55P03" | "57014" | "57P03" => Error::Busy(cause()),
        // The server gave up on the session or the transaction, and closes the connection.
        "25P03" | "25P04" | "40003" => lost(access, cause()),
        "42P01" | "42703" | "3F000" => Error::setup(TABLES),
        _ => operator_error(sqlstate).unwrap_or_else(|| match sqlstate.get(..2) {
            Some("53") => Error::Busy(cause()),
            Some("08" | "57") => lost(access, cause()),
            _ => Error::Internal(cause()),
        }),
    }
}

/// What only the operator can mend.
fn operator_error(sqlstate: &str) -> Option<Error> {
    let problem = match sqlstate {
        "22021" | "22P05" => "the database cannot hold all text: create it with ENCODING 'UTF8'",
        "42501" => {
            "the role lacks a privilege: GRANT SELECT, INSERT, UPDATE, DELETE on the tables of \
             scrollback, and USAGE on their schema, to it; if it has these, the tables have row \
             level security: call SeaOrmStore::with_row_security"
        }
        _ => return None,
    };
    Some(Error::setup(problem))
}

fn sqlite(code: &str, access: Access) -> Error {
    let cause = || Cause::new(format!("SQLite result code {code}"));
    // The low byte of an extended result code is its primary code.
    match code.parse::<u32>().map(|extended| (extended, extended & 0xff)) {
        Ok((787, _)) => Error::NotFound,
        Ok((_, 1)) => Error::setup(TABLES),
        // BUSY, LOCKED, NOMEM, INTERRUPT, FULL, SCHEMA: the statement was rolled back.
        Ok((_, 5 | 6 | 7 | 9 | 13 | 17)) => Error::Busy(cause()),
        // A file does not become writable by itself, as a standby does.
        Ok((_, 8)) => Error::setup(
            "the SQLite file can only be read: open it without mode=ro, and see that the file and \
             its folder may be written",
        ),
        Ok((_, 10)) => lost(access, cause()),
        _ => Error::Internal(cause()),
    }
}

fn lost(access: Access, cause: Cause) -> Error {
    match access {
        Access::Read => Error::Busy(cause),
        Access::Write => Error::OutcomeUnknown(cause),
    }
}

fn pool_timed_out() -> Error {
    Error::Busy(Cause::new("no connection became free in time"))
}

fn pool_closed() -> Error {
    Error::setup("the connection pool was closed: open a new store")
}

#[cfg(test)]
mod tests {
    use std::{error::Error as StdError, io, sync::Arc};

    use super::*;
    use crate::sea_orm::coded::refused_with;

    fn refusal(code: &'static str) -> DbErr {
        query(refused_with(code))
    }

    fn query(error: sqlx::Error) -> DbErr {
        DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
    }

    fn kind(error: &Error) -> &'static str {
        match error {
            Error::NotFound => "not found",
            Error::Busy(_) => "busy",
            Error::ReadOnly(_) => "read only",
            Error::OutcomeUnknown(_) => "unknown",
            Error::Setup { .. } => "setup",
            Error::Internal(_) => "internal",
            _ => "another",
        }
    }

    #[test]
    fn every_code_has_one_meaning_for_reads_and_one_for_writes() {
        for (codes, read, write) in [
            ("23503 787", "not found", "not found"),
            ("40001 40P01 55P03 57014 57P03 53100 53300 25P02", "busy", "busy"),
            ("5 517 6 262 13", "busy", "busy"),
            ("25006", "read only", "read only"),
            ("57P01 57P02 08006 08P01 10 266", "busy", "unknown"),
            ("25P03 25P04 40003", "busy", "unknown"),
            ("8 1032 42P01 42703 3F000 42501 28P01 28000 3D000 26000 22P05", "setup", "setup"),
            ("1 14 26", "setup", "setup"),
            ("23505 23514 XX000 11 2067 nonsense", "internal", "internal"),
        ] {
            for code in codes.split(' ') {
                let error = refusal(code);

                assert_eq!(kind(&translate(&error, Access::Read)), read, "reading, {code}");
                assert_eq!(kind(&translate(&error, Access::Write)), write, "writing, {code}");
            }
        }
    }

    #[test]
    fn what_the_driver_reports_itself_has_one_meaning_too() {
        for (error, read, write) in [
            (sqlx::Error::PoolTimedOut, "busy", "busy"),
            (sqlx::Error::BeginFailed, "busy", "busy"),
            (sqlx::Error::PoolClosed, "setup", "setup"),
            (sqlx::Error::WorkerCrashed, "busy", "unknown"),
            (sqlx::Error::Protocol("canary".to_owned()), "busy", "unknown"),
            (sqlx::Error::RowNotFound, "internal", "internal"),
        ] {
            assert_eq!(kind(&driver(&error, Access::Read)), read, "reading, {error:?}");
            assert_eq!(kind(&driver(&error, Access::Write)), write, "writing, {error:?}");
        }
    }

    #[test]
    fn a_write_is_in_doubt_only_after_it_was_sent() {
        let reset = || sqlx::Error::Io(io::ErrorKind::ConnectionReset.into());
        let connecting = DbErr::Conn(RuntimeErr::SqlxError(Arc::new(reset())));

        assert_eq!(kind(&translate(&query(reset()), Access::Write)), "unknown");
        assert_eq!(kind(&translate(&query(reset()), Access::Read)), "busy");
        assert_eq!(kind(&translate(&connecting, Access::Write)), "busy");
    }

    #[test]
    fn an_exhausted_pool_is_busy_and_a_closed_one_is_not() {
        let exhausted = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let closed = DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);

        assert_eq!(kind(&translate(&exhausted, Access::Write)), "busy");
        assert_eq!(kind(&translate(&closed, Access::Write)), "setup");
    }

    #[test]
    fn the_cause_is_the_code_and_nothing_of_the_message() {
        let error = translate(&refusal("40P01"), Access::Write);

        assert_eq!(error.source().unwrap().to_string(), "SQLSTATE 40P01 (deadlock_detected)");
        assert!(!format!("{error:?}{error}").contains("canary"));
        assert_eq!(code(&refusal("2067")).as_deref(), Some("2067"));
    }
}
