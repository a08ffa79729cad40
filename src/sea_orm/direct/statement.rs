//! Statements on a leased connection.

use futures_util::TryStreamExt;
use sea_orm::{
    DbErr, ExecResult, QueryResult, Statement, Values,
    sqlx::{self, AssertSqlSafe, Executor, PgConnection, Postgres, query::Query},
};
use sea_query_sqlx::SqlxValues;

use super::{Direct, failed, lease::Lease, unsent};

impl Direct {
    pub(in crate::sea_orm) async fn execute(
        &self,
        statement: Statement,
    ) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute(statement).await
    }

    pub(in crate::sea_orm) async fn run(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lease().await?.run(sql).await
    }

    pub(in crate::sea_orm) async fn query_one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        self.lease().await?.query_one(statement).await
    }

    pub(in crate::sea_orm) async fn query_all(
        &self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        self.lease().await?.query_all(statement).await
    }
}

impl Lease {
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let connection = self.start().map_err(unsent)?;
        let done = query(statement).execute(connection).await;
        self.end(done).map(ExecResult::from).map_err(failed)
    }

    /// Text without parameters, perhaps of several statements, which is not prepared.
    pub(super) async fn run(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.start().map_err(unsent)?;
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
        self.end(done).map(ExecResult::from).map_err(failed)
    }

    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let connection = self.start().map_err(unsent)?;
        let row = query(statement).fetch_optional(connection).await;
        Ok(self.end(row).map_err(failed)?.map(QueryResult::from))
    }

    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let rows = rows(self.start().map_err(unsent)?, statement).await;
        self.end(rows).map_err(failed)
    }
}

/// One pass: sqlx's `fetch_all` would collect its own rows first.
async fn rows(
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

/// What is in the text is the host's business, or one of ours with the names of tables in it.
fn query<'q>(statement: Statement) -> Query<'q, Postgres, SqlxValues> {
    let Statement { sql, values, .. } = statement;
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values.unwrap_or_else(|| Values(Vec::new()))))
}
