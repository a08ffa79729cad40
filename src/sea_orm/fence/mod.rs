//! Naming the owner to PostgreSQL, whose row level security then keeps owners apart by itself.

#[cfg(feature = "postgres")]
mod around;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, Statement,
};
#[cfg(feature = "postgres")]
use sea_orm::{DatabaseConnectionType, DbBackend, sqlx::PgPool};

use crate::{
    error::Error,
    id::UserId,
    sea_orm::{SeaOrmStore, error::Access},
};

/// How the owner of a call is named to the server.
#[derive(Clone)]
pub(super) enum Fence {
    /// In a transaction of ours around the statement.
    #[cfg(feature = "postgres")]
    Around(PgPool),
    /// In the open transaction of the host.
    #[cfg(feature = "postgres")]
    Within,
    /// Not at all: this is no PostgreSQL.
    Unsupported,
}

impl SeaOrmStore<DatabaseConnection> {
    /// Names the owner to PostgreSQL in every call, for tables on which the migrations have put row
    /// level security: a second fence, which also holds statements that are not this crate's.
    ///
    /// A call is then four round trips instead of one: `BEGIN`, `set_config('scrollback.owner', ..,
    /// true)`, its statement, `COMMIT`. Nothing of the setting is left on the connection afterwards.
    /// [`migrate`](Self::migrate) puts the policies up; [`connect`](Self::connect) calls this by
    /// itself when it finds them on tables of the default names. The role that serves must be no
    /// superuser and have no `BYPASSRLS`; [`preflight`](Self::preflight) says so, and whether store
    /// and tables fit.
    ///
    /// A store that names the owner works without policies too: servers can be told first, and the
    /// tables fenced afterwards. On SQLite, which has nothing of the kind, every call is
    /// [`Setup`](crate::Error::Setup).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use scrollback::{SeaOrmStore, Users};
    ///
    /// # async fn open() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("postgres://USER:PASSWORD@HOST/DATABASE").await?;
    /// let store = store.with_row_security();
    /// store.migrate(&Users::Managed).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_row_security(mut self) -> Self {
        self.fence = Some(match &self.connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                Fence::Around(self.connection.get_postgres_connection_pool().clone())
            }
            _ => Fence::Unsupported,
        });
        self
    }
}

impl SeaOrmStore<DatabaseTransaction> {
    /// Names the owner to PostgreSQL in every call, for tables with row level security.
    ///
    /// It is one statement more for each call. The setting holds until the host's transaction ends,
    /// or another call names another owner: what the host sends after a call sees that owner's rows.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use scrollback::{ConversationStore, NewConversation, SeaOrmStore, UserId};
    /// use sea_orm::TransactionTrait;
    ///
    /// # async fn create(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
    /// let store = SeaOrmStore::new(db.begin().await?).with_row_security();
    /// store.create(UserId::new(1), NewConversation::new()).await?;
    /// store.into_connection().commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_row_security(mut self) -> Self {
        self.fence = Some(match self.connection.get_database_backend() {
            #[cfg(feature = "postgres")]
            DbBackend::Postgres => Fence::Within,
            _ => Fence::Unsupported,
        });
        self
    }
}

impl Fence {
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
            Self::Around(pool) => around::send(pool, access, owner, statement).await,
            #[cfg(feature = "postgres")]
            Self::Within => {
                let values = [owner.get().into()];
                let name = super::postgres::NAME_OWNER;
                let name = Statement::from_sql_and_values(DbBackend::Postgres, name, values);
                connection.query_all_raw(name).await?;
                connection.query_all_raw(statement).await
            }
            // Refused by `check` before.
            Self::Unsupported => connection.query_all_raw(statement).await,
        }
    }
}
