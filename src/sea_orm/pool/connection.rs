//! SeaORM's view of the pool.

use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, TransactionError, TransactionOptions, TransactionTrait,
};

use super::{
    Inner, Pool,
    transaction::{Callback, Transaction, options},
};

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(_) => DbBackend::Postgres,
            Inner::SeaOrm(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => pool.execute(statement).await,
            Inner::SeaOrm(pool) => pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => pool.run(sql).await,
            Inner::SeaOrm(pool) => pool.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => pool.query_one(statement).await,
            Inner::SeaOrm(pool) => pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => pool.query_all(statement).await,
            Inner::SeaOrm(pool) => pool.query_all_raw(statement).await,
        }
    }
}

#[async_trait]
impl TransactionTrait for Pool {
    type Transaction = Transaction;

    async fn begin(&self) -> Result<Transaction, DbErr> {
        self.begin_with_options(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Transaction, DbErr> {
        self.begin_with_options(options(isolation_level, access_mode)).await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<Transaction, DbErr> {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => {
                let transaction = pool.begin(&super::transaction::suffix(options)).await?;
                Ok(Transaction::direct(transaction))
            }
            Inner::SeaOrm(pool) => pool.begin_with_options(options).await.map(Transaction::sea_orm),
        }
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Transaction) -> Callback<'c, T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
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
        F: for<'c> FnOnce(&'c Transaction) -> Callback<'c, T, E> + Send,
        T: Send,
        E: std::fmt::Display + std::fmt::Debug + Send,
    {
        let transaction = self.begin_with_config(isolation_level, access_mode).await;
        transaction.map_err(TransactionError::Connection)?.end_with(callback).await
    }
}
