//! A transaction on one connection of the pool.

use std::{fmt, pin::Pin};

use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, IsolationLevel,
    QueryResult, Statement, TransactionError, TransactionOptions, TransactionSession,
    TransactionTrait,
};

#[cfg(feature = "postgres")]
use crate::sea_orm::direct;
use crate::sea_orm::{fence::Fence, reach::sealed::Fenced};

/// An open transaction of a [`Pool`](crate::Pool). Dropped, it is rolled back.
///
/// What a statement of it does while nobody waits any more is rolled back too: its connection is
/// closed. One that was aborted by an error of the server cannot be committed, and says so: PostgreSQL
/// itself would answer such a `COMMIT` with success, and roll back
/// ([manual](https://www.postgresql.org/docs/current/sql-commit.html)).
///
/// # Examples
///
/// ```
/// use scrollback::{Connect, Pool};
/// use sea_orm::{ConnectionTrait, TransactionTrait};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Pool::open(Connect::new("sqlite::memory:")?).await?;
///
/// let transaction = pool.begin().await?;
/// transaction.execute_unprepared("CREATE TABLE orders (item text)").await?;
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
pub struct Transaction(Inner);

enum Inner {
    #[cfg(feature = "postgres")]
    Direct(direct::Transaction),
    SeaOrm(DatabaseTransaction),
}

/// What SeaORM's callbacks return.
pub(super) type Callback<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

impl Transaction {
    #[cfg(feature = "postgres")]
    pub(super) const fn direct(transaction: direct::Transaction) -> Self {
        Self(Inner::Direct(transaction))
    }

    pub(super) const fn sea_orm(transaction: DatabaseTransaction) -> Self {
        Self(Inner::SeaOrm(transaction))
    }

    /// Makes everything that was done in it durable and visible.
    ///
    /// # Errors
    ///
    /// `DbErr::Custom` when a statement of it has failed: everything was rolled back. Without an answer it
    /// is not known whether it was committed.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.commit().await,
            Inner::SeaOrm(transaction) => transaction.commit().await,
        }
    }

    /// Undoes everything that was done in it.
    ///
    /// # Errors
    ///
    /// When the connection is lost; the server rolls back then too.
    pub async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.rollback().await,
            Inner::SeaOrm(transaction) => transaction.rollback().await,
        }
    }

    /// Commits when the callback succeeds, and rolls back when it fails.
    pub(super) async fn end_with<F, T, E>(self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Callback<'c, T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let outcome = callback(&self).await.map_err(TransactionError::Transaction);
        let ended = if outcome.is_ok() { self.commit().await } else { self.rollback().await };
        ended.map_err(TransactionError::Connection)?;
        outcome
    }
}

/// What a transaction holds is nobody's business.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(_) => DbBackend::Postgres,
            Inner::SeaOrm(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.execute(statement).await,
            Inner::SeaOrm(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.run(sql).await,
            Inner::SeaOrm(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.query_one(statement).await,
            Inner::SeaOrm(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.query_all(statement).await,
            Inner::SeaOrm(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}

impl Fenced for Transaction {
    fn fence(&self) -> Fence {
        Fence::within(self.get_database_backend())
    }
}

#[async_trait]
impl TransactionSession for Transaction {
    async fn commit(self) -> Result<(), DbErr> {
        Self::commit(self).await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        Self::rollback(self).await
    }
}

/// A transaction in a transaction is a savepoint, which has no settings of its own.
#[async_trait]
impl TransactionTrait for Transaction {
    type Transaction = Self;

    async fn begin(&self) -> Result<Self, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(transaction) => transaction.nest().await.map(Self::direct),
            Inner::SeaOrm(transaction) => transaction.begin().await.map(Self::sea_orm),
        }
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self, DbErr> {
        self.begin_with_options(options(isolation_level, access_mode)).await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        if options != TransactionOptions::default() {
            return Err(DbErr::Custom(
                "a savepoint has the settings of its transaction".to_owned(),
            ));
        }
        self.begin().await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Callback<'c, T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        self.transaction_with_config(callback, None, None).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Callback<'c, T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let savepoint = self.begin_with_config(isolation_level, access_mode).await;
        savepoint.map_err(TransactionError::Connection)?.end_with(callback).await
    }
}

pub(super) fn options(
    isolation_level: Option<IsolationLevel>,
    access_mode: Option<AccessMode>,
) -> TransactionOptions {
    TransactionOptions { isolation_level, access_mode, sqlite_transaction_mode: None }
}

/// What follows `BEGIN`; a mode of SQLite's says nothing to PostgreSQL.
#[cfg(feature = "postgres")]
pub(super) fn suffix(options: TransactionOptions) -> String {
    let level = options.isolation_level.map(|level| format!(" ISOLATION LEVEL {level}"));
    let access = options.access_mode.map(|mode| format!(" {mode}"));
    [level.unwrap_or_default(), access.unwrap_or_default()].concat()
}
