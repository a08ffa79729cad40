//! The connections of a store that was opened by its URL.

mod connection;
mod transaction;

use async_trait::async_trait;
use scrollback_migration::{Connect, ConnectError, Prepared};
use sea_orm::{DatabaseConnection, DbErr};

#[cfg(feature = "postgres")]
use crate::sea_orm::direct::Direct;
use crate::sea_orm::{
    fence::Fence,
    reach::sealed::{Fenced, Plain, Pooled},
};

pub use transaction::Transaction;

/// A pool of connections, which SeaORM's own methods take as well.
///
/// For PostgreSQL it is made of sqlx's connections and differs from SeaORM's usual pool in this:
///
/// * a call is **one round trip**. sqlx's pool sends a ping after each use of a connection, which
///   doubles the network's share of every call (the README has figures);
/// * a call that is **dropped** half-way costs its connection, which is closed, and nobody else is
///   made to wait for it or to read its answer. That holds for a `begin` too;
/// * when a connection is found broken, those that were idle then are **tested** before they are used,
///   so a restart of the server costs one call and not one for each connection.
///
/// For SQLite it is SeaORM's pool, and [`from`](Self::from) makes one of any pool of a host's.
///
/// # Examples
///
/// ```
/// use scrollback::{Connect, Pool, SeaOrmStore, Users};
/// use sea_orm::ConnectionTrait;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let connect = Connect::new("sqlite::memory:")?.with_max_connections(8);
/// let pool = Pool::open(connect).await?;
///
/// pool.execute_unprepared("CREATE TABLE orders (item text)").await?;
/// let store = SeaOrmStore::new(pool);
/// store.migrate(&Users::Managed).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Pool(Inner);

#[derive(Clone, Debug)]
enum Inner {
    #[cfg(feature = "postgres")]
    Direct(Direct),
    SeaOrm(DatabaseConnection),
}

impl Pool {
    /// Opens a pool, after one connection has shown that the database answers.
    ///
    /// How many connections there are at most, and how long a call waits for one, stands in `connect`.
    ///
    /// # Errors
    ///
    /// Those of [`Connect::open`].
    pub async fn open(connect: Connect) -> Result<Self, ConnectError> {
        Ok(Self(match connect.prepare().await? {
            #[cfg(feature = "postgres")]
            Prepared::Postgres(server) => Inner::Direct(Direct::new(*server)),
            #[cfg(feature = "sqlite")]
            Prepared::Sqlite(connection) => Inner::SeaOrm(connection),
        }))
    }

    /// How many connections are open, those in use included.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.counts().0
    }

    /// How many connections are open and in nobody's use.
    #[must_use]
    pub fn idle(&self) -> u32 {
        self.counts().1
    }

    /// Closes the connections, once the calls under way have ended; later ones are refused.
    ///
    /// # Errors
    ///
    /// Only those of SeaORM's own pool.
    pub async fn close(self) -> Result<(), DbErr> {
        self.shut().await
    }
}

/// A host's own pool, with the habits it has.
impl From<DatabaseConnection> for Pool {
    fn from(connection: DatabaseConnection) -> Self {
        Self(Inner::SeaOrm(connection))
    }
}

impl Fenced for Pool {
    fn fence(&self) -> Fence {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => Fence::Direct(pool.clone()),
            Inner::SeaOrm(pool) => pool.fence(),
        }
    }
}

#[async_trait]
impl Pooled for Pool {
    fn plain(&self) -> Plain {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => Plain::Own(pool.plain()),
            Inner::SeaOrm(pool) => pool.plain(),
        }
    }

    fn counts(&self) -> (u32, u32) {
        match &self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => pool.counts(),
            Inner::SeaOrm(pool) => pool.counts(),
        }
    }

    async fn shut(self) -> Result<(), DbErr> {
        match self.0 {
            #[cfg(feature = "postgres")]
            Inner::Direct(pool) => {
                pool.close().await;
                Ok(())
            }
            Inner::SeaOrm(pool) => pool.shut().await,
        }
    }
}
