//! How a statement is sent: its deadline, its retries, and what an error becomes.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, RuntimeErr, Statement, Value, sqlx};
use tokio::{
    task::yield_now,
    time::{Instant as Until, timeout_at},
};

use crate::{
    error::{Cause, Error, Result},
    id::UserId,
    sea_orm::{
        SeaOrmStore,
        dialect::Dialect,
        error::{Access, code, translate},
        fence::Fence,
        statement::Named,
    },
};

/// Why a call has no rows.
pub(super) enum Failure {
    /// A unique index refused a row; nothing was applied.
    Duplicate,
    /// The database refused the statement by a code; nothing was applied.
    Refused(Error),
    Other(Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Duplicate => Self::Internal(Cause::new("a unique index has refused a row")),
            Failure::Refused(error) | Failure::Other(error) => error,
        }
    }
}

/// One call of a store, however many statements it sends.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// When it must have ended.
    until: Until,
    /// Whose rows it is about; nobody's is the table of users.
    owner: Option<UserId>,
}

impl Call {
    /// The same call, about rows of `owner`.
    pub(super) fn about(self, owner: UserId) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// When it must have ended.
    #[cfg(feature = "postgres")]
    pub(super) const fn until(self) -> Until {
        self.until
    }

    /// The same call, which must have ended by then.
    #[cfg(feature = "postgres")]
    pub(super) fn ending(self, until: Until) -> Self {
        Self { until, ..self }
    }
}

/// How often PostgreSQL's request to start again (40001, 40P01) is followed before it is the
/// caller's turn.
const ATTEMPTS: u32 = 3;

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// A call that starts now, about rows of `owner`.
    pub(super) fn by(&self, owner: UserId) -> Call {
        self.by_nobody().about(owner)
    }

    /// A call that starts now, about the table of users.
    pub(super) fn by_nobody(&self) -> Call {
        Call { until: Until::now() + self.deadline, owner: None }
    }

    /// Sends a statement that changes nothing.
    pub(super) async fn read(
        &self,
        call: Call,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>)> {
        Ok(self.call(call, Access::Read, statement, values).await?)
    }

    /// Sends a statement that changes something.
    pub(super) async fn write(
        &self,
        call: Call,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        self.call(call, Access::Write, statement, |dialect| dialect.stamped(values(dialect))).await
    }

    async fn call(
        &self,
        call: Call,
        access: Access,
        statement: &Named,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        let started = Instant::now();
        let answer = self.attempt(call, access, &statement.text, values).await;
        let (rows, outcome) = match &answer {
            Ok((_, rows)) => (rows.len(), "ok"),
            Err(Failure::Duplicate) => (0, "duplicate"),
            Err(Failure::Refused(error) | Failure::Other(error)) => (0, error.kind()),
        };
        let micros = started.elapsed().as_micros();
        tracing::debug!(target: "scrollback", operation = statement.name, outcome, rows, micros, "statement");
        answer
    }

    /// Sends the statement until it is answered or the time is up.
    async fn attempt(
        &self,
        call: Call,
        access: Access,
        sql: &str,
        values: impl Fn(Dialect) -> Vec<Value> + Send + Sync,
    ) -> Result<(Dialect, Vec<QueryResult>), Failure> {
        let dialect = self.dialect.ok_or_else(|| Failure::Other(unsupported()))?;
        self.fence.iter().try_for_each(Fence::check).map_err(Failure::Other)?;
        let mut first: Option<DbErr> = None;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let statement = Statement::from_sql_and_values(dialect.backend(), sql, values(dialect));
            let sent = self.refusal.within(self.send(call, access, statement));
            let answer = timeout_at(call.until, sent).await;
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
                _ => return Err(failure(&error, access)),
            }
            first = Some(error);
        }
    }

    async fn send(
        &self,
        call: Call,
        access: Access,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        match (&self.fence, call.owner) {
            (Some(fence), Some(owner)) => {
                // Apart, so that calls without a fence are not as large as its transaction.
                Box::pin(fence.send(&self.connection, access, owner, statement)).await
            }
            _ => self.connection.query_all_raw(statement).await,
        }
    }
}

/// A code is the database's own answer to the statement: unless it says that the outcome is unknown,
/// nothing was applied.
fn failure(error: &DbErr, access: Access) -> Failure {
    let answered = !matches!(error, DbErr::Conn(_)) && code(error).is_some();
    match translate(error, access) {
        error @ Error::OutcomeUnknown(_) => Failure::Other(error),
        error if answered => Failure::Refused(error),
        error => Failure::Other(error),
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

#[cfg(feature = "sqlite")]
#[cfg(test)]
mod tests {
    use std::{error::Error as StdError, io};

    use super::*;
    use crate::{
        id::{ConversationId, UserId},
        new_conversation::NewConversation,
        sea_orm::failing::{Failing, failed, refused},
        store::ConversationStore,
    };

    const ANN: UserId = UserId::new(1);

    /// A failure: a code of the database, or the end of the connection.
    fn failure(name: &'static str) -> Option<DbErr> {
        Some(match name {
            "io" => failed(sqlx::Error::Io(io::ErrorKind::ConnectionReset.into())),
            "protocol" => failed(sqlx::Error::Protocol("canary".to_owned())),
            code => refused(code),
        })
    }

    /// How a read ends after these failures, its cause, and how many statements were sent.
    async fn read_after(failures: &'static str) -> (&'static str, Option<String>, usize) {
        let store = Failing::store(failures.split_whitespace().map(failure)).await;
        let error = store.get(ANN, ConversationId::new(1)).await.unwrap_err();
        let kind = if matches!(error, Error::NotFound) { "answered" } else { error.kind() };
        (kind, error.source().map(ToString::to_string), store.connection.asked())
    }

    /// The same of a write.
    async fn written_after(failures: &'static str) -> (&'static str, Option<String>, usize) {
        let store = Failing::store(failures.split_whitespace().map(failure)).await;
        let error = store.create(ANN, NewConversation::new()).await.err();
        let kind = error.as_ref().map_or("answered", Error::kind);
        let cause = error.as_ref().and_then(StdError::source).map(ToString::to_string);
        (kind, cause, store.connection.asked())
    }

    #[tokio::test]
    async fn a_read_is_sent_twice_and_a_write_once_where_the_connection_goes_away() {
        for failures in ["io", "protocol", "57P01", "57P02"] {
            let (read, _, sent) = read_after(failures).await;
            assert_eq!((read, sent), ("answered", 2), "{failures}");
            let (written, _, sent) = written_after(failures).await;
            assert_eq!((written, sent), ("outcome_unknown", 1), "{failures}");
        }
        let (read, _, sent) = read_after("io io").await;
        assert_eq!((read, sent), ("busy", 2));
        // What was asked to start again has used up its second attempt.
        let (read, _, sent) = read_after("40001 io").await;
        assert_eq!((read, sent), ("busy", 2));
    }

    #[tokio::test]
    async fn a_call_starts_again_twice_where_the_database_asks_for_it() {
        for (failures, kind, statements) in [
            ("40001", "answered", 2),
            ("40P01", "answered", 2),
            ("40001 40P01", "answered", 3),
            ("40001 40001 40001", "busy", 3),
            ("55P03", "busy", 1),
            ("57014", "busy", 1),
        ] {
            let (read, _, sent) = read_after(failures).await;
            assert_eq!((read, sent), (kind, statements), "reading, {failures}");
            let (written, _, sent) = written_after(failures).await;
            assert_eq!((written, sent), (kind, statements), "writing, {failures}");
        }
    }

    #[tokio::test]
    async fn an_aborted_transaction_names_what_aborted_it() {
        for (failures, named) in [("25P02", "roll it back"), ("40P01 25P02", "deadlock_detected")] {
            let (kind, cause, _) = written_after(failures).await;

            assert_eq!(kind, "busy", "{failures}");
            assert!(cause.is_some_and(|cause| cause.contains(named)), "{failures}");
        }
    }

    #[tokio::test]
    async fn a_row_that_a_unique_index_refuses_is_a_duplicate_by_every_code() {
        for code in ["23505", "2067", "1555"] {
            let (kind, cause, sent) = written_after(code).await;

            assert_eq!((kind, sent), ("internal", 1), "{code}");
            assert_eq!(cause.as_deref(), Some("a unique index has refused a row"), "{code}");
        }
    }
}
