//! What a store can be made over, beyond SeaORM's own trait.

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseConnectionType, DatabaseTransaction, DbErr,
    TransactionTrait,
};

use crate::sea_orm::{
    fence::Fence,
    pool::{Pool, Transaction},
};

/// A connection that a store knows well: a pool, or an open transaction.
///
/// A [`SeaOrmStore`](crate::SeaOrmStore) keeps conversations over any `ConnectionTrait`; with one of
/// these it can also name the owner to PostgreSQL's row level security.
pub trait StoreConnection: ConnectionTrait + Fenced {}

/// A pool that a store knows well: [`Pool`], or SeaORM's `DatabaseConnection`.
///
/// Over one of these a [`SeaOrmStore`](crate::SeaOrmStore) can also create its tables, look at the
/// database, begin transactions and be closed.
pub trait StorePool:
    StoreConnection + TransactionTrait<Transaction: StoreConnection> + Clone + Send + 'static + Pooled
{
}

impl StoreConnection for Pool {}
impl StoreConnection for Transaction {}
impl StoreConnection for DatabaseConnection {}
impl StoreConnection for DatabaseTransaction {}
impl StorePool for Pool {}
impl StorePool for DatabaseConnection {}

#[expect(unnameable_types, reason = "nobody else implements them")]
pub(super) mod sealed {
    use super::{DatabaseConnection, DbErr, Fence, async_trait};

    /// How an owner is named over it.
    pub trait Fenced {
        fn fence(&self) -> Fence;
    }

    #[async_trait]
    pub trait Pooled {
        /// A pool of SeaORM's to the same database, for what needs nothing less.
        fn plain(&self) -> Plain;

        /// How many connections are open, and how many of them nobody uses.
        fn counts(&self) -> (u32, u32);

        async fn shut(self) -> Result<(), DbErr>;
    }

    /// A pool of SeaORM's, and whether it is ours to close.
    #[derive(Debug)]
    pub enum Plain {
        Shared(DatabaseConnection),
        Own(DatabaseConnection),
    }
}

use sealed::{Fenced, Plain, Pooled};

impl Plain {
    pub(super) const fn connection(&self) -> &DatabaseConnection {
        match self {
            Self::Shared(connection) | Self::Own(connection) => connection,
        }
    }

    pub(super) async fn end(self) {
        if let Self::Own(connection) = self {
            // Whether it closes in good order says nothing about what was done over it.
            drop(connection.close().await);
        }
    }
}

impl Fenced for DatabaseConnection {
    fn fence(&self) -> Fence {
        Fence::around(self)
    }
}

impl Fenced for DatabaseTransaction {
    fn fence(&self) -> Fence {
        Fence::within(self.get_database_backend())
    }
}

#[async_trait]
impl Pooled for DatabaseConnection {
    fn plain(&self) -> Plain {
        Plain::Shared(self.clone())
    }

    fn counts(&self) -> (u32, u32) {
        match &self.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = self.get_postgres_connection_pool();
                (pool.size(), pool.num_idle().try_into().unwrap_or(u32::MAX))
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                let pool = self.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle().try_into().unwrap_or(u32::MAX))
            }
            _ => (0, 0),
        }
    }

    async fn shut(self) -> Result<(), DbErr> {
        self.close().await
    }
}
