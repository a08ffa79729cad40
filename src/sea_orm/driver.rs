//! Statements of SeaORM's as sqlx sends them, and sqlx's errors by SeaORM's names.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sea_orm::{
    DbErr, QueryResult, RuntimeErr, Statement, Values,
    sqlx::{self, AssertSqlSafe, Executor, PgConnection, Postgres, query::Query},
};
use sea_query_sqlx::SqlxValues;

/// What is in the text is the host's business, or one of ours with the names of tables in it.
pub(super) fn query<'q>(statement: Statement) -> Query<'q, Postgres, SqlxValues> {
    let Statement { sql, values, .. } = statement;
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.unwrap_or_else(|| Values(Vec::new()))))
}

/// One pass: sqlx's `fetch_all` would collect its own rows first.
pub(super) async fn rows(
    connection: &mut PgConnection,
    statement: Statement,
) -> Result<Vec<QueryResult>, sqlx::Error> {
    let mut answer = connection.fetch_many(query(statement));
    let mut rows = Vec::new();
    while let Some(next) = answer.try_next().await? {
        rows.extend(next.right().map(QueryResult::from));
    }
    Ok(rows)
}

/// What fails before a statement was sent.
pub(super) fn unsent(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A statement without an answer, or with a refusal.
pub(super) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
