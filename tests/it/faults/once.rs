//! A store that sends nothing a second time, for a negative control.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{Pool, SeaOrmStore, Tables};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::bench::Side;

/// A pool that says of every failure that there was no connection to begin with: the store sends
/// again only what was lost on its way.
struct Once(Pool);

impl Side {
    /// The same tables by a store whose second attempt is taken out.
    pub(super) fn sending_once(mut self, schema: &str) -> Self {
        let tables = Tables::default().with_schema(schema).expect("it is the test's own");
        self.store = Arc::new(SeaOrmStore::new(Once(self.pool())).with_tables(tables));
        self
    }
}

#[async_trait]
impl ConnectionTrait for Once {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(statement).await.map_err(|error| match error {
            DbErr::Exec(cause) | DbErr::Query(cause) => DbErr::Conn(cause),
            other => other,
        })
    }
}
