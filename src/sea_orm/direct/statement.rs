//! Statements on a leased connection.

use sea_orm::{
    DbErr, ExecResult, QueryResult, Statement,
    sqlx::{self, AssertSqlSafe},
};

use super::{Direct, lease::Lease};
use crate::sea_orm::driver::{failed, query, rows, unsent};

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
