//! Naming the owner to PostgreSQL, whose row level security then keeps owners apart by itself.

#[cfg(feature = "postgres")]
mod around;
#[cfg(feature = "postgres")]
mod direct;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
#[cfg(feature = "postgres")]
use sea_orm::{DatabaseConnectionType, sqlx::PgPool};

#[cfg(feature = "postgres")]
use crate::sea_orm::direct::Direct;
use crate::{
    error::Error,
    id::UserId,
    sea_orm::{SeaOrmStore, error::Access, reach::StoreConnection},
};

/// How the owner of a call is named to the server.
#[derive(Clone, Debug)]
#[expect(unnameable_types, reason = "of a trait that nobody else implements")]
pub enum Fence {
    /// In a transaction of ours around the statement.
    #[cfg(feature = "postgres")]
    Direct(Direct),
    /// The same, on a pool of sqlx's.
    #[cfg(feature = "postgres")]
    Around(PgPool),
    /// In the open transaction of the host.
    #[cfg(feature = "postgres")]
    Within,
    /// Not at all: this is no PostgreSQL.
    Unsupported,
}

impl<C: StoreConnection> SeaOrmStore<C> {
    /// Names the owner to PostgreSQL in every call, for tables on which the migrations have put row
    /// level security: a second fence, which also holds statements that are not this crate's.
    ///
    /// Over a pool a call is then four round trips instead of one: `BEGIN`,
    /// `set_config('scrollback.owner', .., true)`, its statement, `COMMIT`. Nothing of the setting is
    /// left on the connection afterwards. In an open transaction of the host's it is one statement more,
    /// and the setting holds until that transaction ends, or another call names another owner: what the
    /// host sends after a call sees that owner's rows.
    ///
    /// [`migrate`](SeaOrmStore::migrate) puts the policies up; [`connect`](SeaOrmStore::connect) calls
    /// this by itself when it finds them on tables of the default names. The role that serves must be no
    /// superuser and have no `BYPASSRLS`; [`preflight`](SeaOrmStore::preflight) says so, and whether
    /// store and tables fit.
    ///
    /// A store that names the owner works without policies too: servers can be told first, and the
    /// tables fenced afterwards. On SQLite, which has nothing of the kind, every call is
    /// [`Setup`](crate::Error::Setup).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use scrollback::{ConversationStore, NewConversation, SeaOrmStore, UserId, Users};
    ///
    /// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = SeaOrmStore::connect("postgres://USER:PASSWORD@HOST/DATABASE").await?;
    /// let store = store.with_row_security();
    /// store.migrate(&Users::Managed).await?;
    ///
    /// // What is begun by way of it names the owner as well.
    /// let in_transaction = store.begin().await?;
    /// in_transaction.create(UserId::new(1), NewConversation::new()).await?;
    /// in_transaction.into_connection().commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_row_security(mut self) -> Self {
        self.fence = Some(self.connection.fence());
        self
    }
}

impl Fence {
    pub(super) fn around(pool: &DatabaseConnection) -> Self {
        match &pool.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                Self::Around(pool.get_postgres_connection_pool().clone())
            }
            _ => Self::Unsupported,
        }
    }

    pub(super) const fn within(backend: DbBackend) -> Self {
        match backend {
            #[cfg(feature = "postgres")]
            DbBackend::Postgres => Self::Within,
            _ => Self::Unsupported,
        }
    }

    /// Fails where nobody can be named.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Unsupported => Err(Error::setup(
                "row level security is PostgreSQL's: leave out with_row_security here",
            )),
            #[cfg(feature = "postgres")]
            _ => Ok(()),
        }
    }

    /// Sends `statement`, which sees rows of `owner` only.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "nobody is named"))]
    pub(super) async fn send<C: ConnectionTrait>(
        &self,
        connection: &C,
        access: Access,
        owner: UserId,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Direct(pool) => direct::send(pool, access, owner, statement).await,
            #[cfg(feature = "postgres")]
            Self::Around(pool) => around::send(pool, access, owner, statement).await,
            #[cfg(feature = "postgres")]
            Self::Within => {
                connection.query_all_raw(naming(owner)).await?;
                connection.query_all_raw(statement).await
            }
            // Refused by `check` before.
            Self::Unsupported => connection.query_all_raw(statement).await,
        }
    }
}

/// The statement that names `owner`.
#[cfg(feature = "postgres")]
fn naming(owner: UserId) -> Statement {
    let name = super::postgres::NAME_OWNER;
    Statement::from_sql_and_values(DbBackend::Postgres, name, [owner.get().into()])
}
