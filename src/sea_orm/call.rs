//! How a statement is sent: its deadline, its retries, and what an error becomes.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, RuntimeErr, Statement, Value, sqlx};
use tokio::{
    task::yield_now,
    time::{Instant as Until, timeout_at},
};

use crate::{
    error::{Cause, Error, Result},
    sea_orm::{
        SeaOrmStore,
        dialect::Dialect,
        error::{Access, code, translate},
        statement::Named,
    },
};

/// Why a call has no rows.
pub(super) enum Failure {
    /// A unique index refused a row; nothing was applied.
    Duplicate,
    Other(Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Duplicate => Self::Internal(Cause::new("a unique index has refused a row")),
            Failure::Other(error) => error,
        }
    }
}

/// How often PostgreSQL's request to start again (40001, 40P01) is followed before it is the
/// caller's turn.
const ATTEMPTS: u32 = 3;

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// When a call that starts now must have ended, however many statements it sends.
    pub(super) fn until(&self) -> Until {
        Until::now() + self.deadline
    }

    /// Sends a statement that changes nothing.
    pub(super) async fn read(
        &self,
        until: Until,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>)> {
        Ok(self.call(until, Access::Read, statement, values).await?)
    }

    /// Sends a statement that changes something.
    pub(super) async fn write(
        &self,
        until: Until,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        self.call(until, Access::Write, statement, |dialect| dialect.stamped(values(dialect))).await
    }

    async fn call(
        &self,
        until: Until,
        access: Access,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        let started = Instant::now();
        let answer = self.attempt(until, access, &statement.text, values).await;
        let (rows, outcome) = match &answer {
            Ok((_, rows)) => (rows.len(), "ok"),
            Err(Failure::Duplicate) => (0, "duplicate"),
            Err(Failure::Other(error)) => (0, error.kind()),
        };
        let micros = started.elapsed().as_micros();
        tracing::debug!(target: "scrollback", operation = statement.name, outcome, rows, micros, "statement");
        answer
    }

    /// Sends the statement until it is answered or the time is up.
    async fn attempt(
        &self,
        until: Until,
        access: Access,
        sql: &str,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        let dialect = self.dialect.ok_or_else(|| Failure::Other(unsupported()))?;
        let mut first: Option<DbErr> = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let statement = Statement::from_sql_and_values(dialect.backend(), sql, values(dialect));
            let sent = self.refusal.within(self.connection.query_all_raw(statement));
            let answer = timeout_at(until, sent).await;
            let error = match answer {
                Ok(Ok(rows)) => return Ok((dialect, rows)),
                Ok(Err(error)) => error,
                Err(_) => return Err(Failure::Other(overdue(access))),
            };
            if is_lost(&error) {
                // The pool looks at the broken connection now, and tests the others from then on.
                yield_now().await;
            }
            match code(&error).as_deref() {
                // PostgreSQL's unique_violation, SQLite's SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY.
                Some("23505" | "2067" | "1555") => return Err(Failure::Duplicate),
                // serialization_failure, deadlock_detected.
                Some("40001" | "40P01") if attempt < ATTEMPTS => {}
                // A transaction of the host's is aborted by its first error: that is the reason.
                Some("25P02") => {
                    let error = first.unwrap_or(error);
                    return Err(Failure::Other(translate(&error, access)));
                }
                // read_only_sql_transaction: after a failover the next connection may lead elsewhere.
                Some("25006") => {
                    self.refusal.note();
                    return Err(Failure::Other(translate(&error, access)));
                }
                _ if access == Access::Read && attempt == 1 && is_lost(&error) => {}
                _ => return Err(Failure::Other(translate(&error, access))),
            }
            first = Some(error);
        }
    }
}

/// Whether the connection went away under the statement; the pool opens another one.
fn is_lost(error: &DbErr) -> bool {
    let (DbErr::Query(RuntimeErr::SqlxError(lost)) | DbErr::Exec(RuntimeErr::SqlxError(lost))) =
        error
    else {
        return false;
    };
    matches!(**lost, sqlx::Error::Io(_) | sqlx::Error::Protocol(_))
        // admin_shutdown, crash_shutdown.
        || matches!(code(error).as_deref(), Some("57P01" | "57P02"))
}

/// The deadline has passed; whether a write had been sent by then is not known.
fn overdue(access: Access) -> Error {
    let cause = Cause::new("the deadline of the call has passed");
    match access {
        Access::Read => Error::Busy(cause),
        Access::Write => Error::OutcomeUnknown(cause),
    }
}

fn unsupported() -> Error {
    Error::setup(
        "this database is none that scrollback was built for; use PostgreSQL or SQLite and enable its feature",
    )
}
