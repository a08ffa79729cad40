//! A connection that notes every statement of the store, and may alter it on its way.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scrollback::{Pool, SeaOrmStore, conformance::Fixture};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::database::{OnPostgres, OnSqlite};

/// A kind of SQL store, and a connection of the test's own to its tables.
pub(super) struct Sql {
    pub(super) name: &'static str,
    pub(super) fixture: Arc<dyn Fixture>,
    pub(super) connection: Pool,
}

/// Both kinds.
pub(super) async fn databases() -> [Sql; 2] {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let connection = postgres.schema().connect().await.into();
    let postgres = Sql { name: "postgres", fixture: Arc::new(postgres), connection };
    let connection = sqlite.sql_store().clone().into_connection();
    [postgres, Sql { name: "sqlite", fixture: Arc::new(sqlite), connection }]
}

type Alter = dyn Fn(Statement) -> Statement + Send + Sync;

/// Cheap to clone: all clones note in one place.
#[derive(Clone)]
pub(crate) struct Tampered {
    inner: Pool,
    alter: Arc<Alter>,
    looks_again: bool,
    noted: Arc<Mutex<Vec<Statement>>>,
}

impl Tampered {
    /// Alters nothing.
    pub(super) fn noting(inner: impl Into<Pool>) -> Self {
        Self::altering(inner, |statement| statement)
    }

    pub(crate) fn altering(
        inner: impl Into<Pool>,
        alter: impl Fn(Statement) -> Statement + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner: inner.into(),
            alter: Arc::new(alter),
            looks_again: false,
            noted: Arc::default(),
        }
    }

    /// Looks whether somebody else has what the caller has not, as a store does that knows
    /// "forbidden" beside "not found".
    pub(super) fn looking_again(inner: impl Into<Pool>) -> Self {
        Self { looks_again: true, ..Self::noting(inner) }
    }

    /// The store over this connection.
    pub(crate) fn store(&self) -> Arc<SeaOrmStore<Self>> {
        Arc::new(SeaOrmStore::new(self.clone()))
    }

    /// What was sent since this was last asked for.
    pub(super) fn noted(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.noted.lock().unwrap())
    }

    async fn send(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.noted.lock().unwrap().push(statement.clone());
        self.inner.query_all_raw(statement).await
    }
}

#[async_trait]
impl ConnectionTrait for Tampered {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = (self.alter)(statement);
        let rows = self.send(statement.clone()).await?;
        if self.looks_again && rows.is_empty() && statement.sql.starts_with("SELECT") {
            let Some(anyones) = predicates(&statement.sql).first().copied() else {
                return Ok(rows);
            };
            let sql = without(&statement.sql, anyones);
            let anyones = Statement { sql, ..statement };
            if !self.send(anyones.clone()).await?.is_empty() {
                self.send(anyones).await?;
            }
        }
        Ok(rows)
    }
}

/// Where a statement names the owner: start and end of every `user_id = $1`, alias included.
pub(crate) fn predicates(sql: &str) -> Vec<(usize, usize)> {
    let found = ["user_id = $1", "user_id = ?1"].into_iter().flat_map(|it| sql.match_indices(it));
    let whole = found.map(|(at, text)| {
        let alias = sql[..at].rfind(|c: char| !c.is_alphanumeric() && c != '.');
        (alias.map_or(0, |before| before + 1), at + text.len())
    });
    whole.collect()
}

/// The statement with one of these always true; its parameters stay in use.
pub(crate) fn without(sql: &str, (start, end): (usize, usize)) -> String {
    format!("{}(TRUE OR {}){}", &sql[..start], &sql[start..end], &sql[end..])
}
