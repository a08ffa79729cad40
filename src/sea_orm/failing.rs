//! A database that fails before it answers, for the tests of what a store makes of failures.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use scrollback_migration::Users;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement, sqlx,
};

use crate::sea_orm::{SeaOrmStore, coded::refused_with};

/// SQLite in memory, behind a connection that fails as it was told and then answers.
pub(super) struct Failing {
    database: DatabaseConnection,
    failures: Mutex<VecDeque<Option<DbErr>>>,
    asked: AtomicUsize,
}

impl Failing {
    /// A store whose statements fail in this order; `None` is answered.
    pub(super) async fn store(
        failures: impl IntoIterator<Item = Option<DbErr>>,
    ) -> SeaOrmStore<Self> {
        let database = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        SeaOrmStore::new(database.clone()).migrate(&Users::Unchecked).await.unwrap();
        let failures = Mutex::new(failures.into_iter().collect());
        SeaOrmStore::new(Self { database, failures, asked: AtomicUsize::new(0) })
    }

    /// How many statements were sent.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The failure of a statement that the database refused.
pub(super) fn refused(code: &'static str) -> DbErr {
    failed(refused_with(code))
}

pub(super) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

#[async_trait]
impl ConnectionTrait for Failing {
    fn get_database_backend(&self) -> DbBackend {
        self.database.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.database.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.database.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.database.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let failure = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match failure.flatten() {
            Some(failure) => Err(failure),
            None => self.database.query_all_raw(statement).await,
        }
    }
}
