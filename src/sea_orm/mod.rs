//! The store over SeaORM: PostgreSQL and SQLite.

mod call;
#[cfg(test)]
mod coded;
mod column;
mod connect;
mod convert;
mod dialect;
#[cfg(feature = "postgres")]
mod direct;
mod error;
#[cfg(feature = "sqlite")]
#[cfg(test)]
mod failing;
mod fence;
#[cfg(feature = "postgres")]
mod group;
mod open;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
pub mod preflight;
mod reach;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod store;
mod transaction;
mod users;
mod verdict;

use std::{fmt, sync::Arc, time::Duration};

use scrollback_migration::{Refusal, Tables};
use sea_orm::ConnectionTrait;

pub use connect::{Connect, ConnectError};
#[cfg(feature = "postgres")]
pub use group::GroupingStore;
pub use pool::{Pool, Transaction};
pub use reach::{StoreConnection, StorePool};

use crate::sea_orm::{dialect::Dialect, fence::Fence, statement::Statements};

/// Keeps conversations in PostgreSQL or SQLite, over a SeaORM connection of the host's.
///
/// `C` is a pool, ours ([`Pool`], which [`connect`](Self::connect) opens) or SeaORM's
/// `DatabaseConnection`; or an open transaction of either: what is appended then is committed or rolled
/// back with the host's own writes. Every change is one
/// statement, so there is no transaction of ours to be cancelled half-way or torn by a pooler. (A
/// second one is sent to read what a key has stored, when an append has found nothing to do.)
///
/// The tables come from [`migrate`](Self::migrate) or from the `scrollback-migration` crate.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationStore, NewConversation, SeaOrmStore, Users};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let store = SeaOrmStore::connect("sqlite::memory:").await?;
/// store.migrate(&Users::Managed).await?;
///
/// let ann = store.ensure_user("ann@example.org").await?;
/// let chat = store.create(ann, NewConversation::new()).await?;
///
/// assert_eq!(store.get(ann, chat.id).await?, chat);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SeaOrmStore<C = Pool> {
    connection: C,
    /// What this backend understands; `None` when it is none that this crate was built for.
    dialect: Option<Dialect>,
    statements: Arc<Statements>,
    tables: Tables,
    deadline: Duration,
    fence: Option<Fence>,
    /// Shared by all clones, which are about the same server.
    refusal: Refusal,
}

/// How long a call may take unless [`SeaOrmStore::with_deadline`] says otherwise.
const DEADLINE: Duration = Duration::from_secs(5);

/// No longer, so that the end of a call is always a point in time that can be represented.
const MAX_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// Uses `connection`, and tables of the default names.
    ///
    /// Nothing is sent yet. [`preflight`](SeaOrmStore::preflight) tells whether the database behind a connection
    /// of your own is fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::SeaOrmStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), sea_orm::DbErr> {
    /// let of_the_host = sea_orm::Database::connect("sqlite::memory:").await?;
    ///
    /// let store = SeaOrmStore::new(of_the_host);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(connection: C) -> Self {
        let dialect = Dialect::of(connection.get_database_backend());
        let tables = Tables::default();
        let statements = Arc::new(Statements::render(dialect, &tables));
        let refusal = Refusal::default();
        Self { connection, dialect, statements, tables, deadline: DEADLINE, fence: None, refusal }
    }

    /// Uses tables of other names, or in a schema; the migrations must have used the same.
    ///
    /// [`connect`](SeaOrmStore::connect) did not look at these: if they have row level security, say
    /// [`with_row_security`](SeaOrmStore::with_row_security) too.
    #[must_use]
    pub fn with_tables(mut self, tables: Tables) -> Self {
        self.statements = Arc::new(Statements::render(self.dialect, &tables));
        self.tables = tables;
        self
    }

    /// Ends every call after `deadline`, waiting for a connection included; 5 seconds when this is
    /// not called, and a day at most.
    ///
    /// A write that is cut off gives [`OutcomeUnknown`](crate::Error::OutcomeUnknown), and the database
    /// goes on with it. Deleting or erasing very many messages may take that long: call again until
    /// nothing is found (an erasure's receipt counts nothing then), or give such calls more time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use scrollback::{ConversationStore, SeaOrmStore, UserId, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Unchecked).await?;
    ///
    /// // The same pool, with more patience.
    /// let patient = store.clone().with_deadline(Duration::from_secs(600));
    /// patient.erase(UserId::new(1)).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(MAX_DEADLINE);
        self
    }

    /// The connection, for statements of the host's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::SeaOrmStore;
    /// use sea_orm::ConnectionTrait;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    ///
    /// store.connection().execute_unprepared("CREATE TABLE orders (item text)").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn connection(&self) -> &C {
        &self.connection
    }

    /// Gives the connection back, to commit a transaction for instance.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ConversationStore, NewConversation, SeaOrmStore, UserId, Users};
    /// use sea_orm::TransactionTrait;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = sea_orm::Database::connect("sqlite::memory:").await?;
    /// SeaOrmStore::new(db.clone()).migrate(&Users::Unchecked).await?;
    ///
    /// let store = SeaOrmStore::new(db.begin().await?);
    /// store.create(UserId::new(1), NewConversation::new()).await?;
    /// store.into_connection().commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_connection(self) -> C {
        self.connection
    }
}

/// Shows the backend and the tables; a connection may know a password.
impl<C> fmt::Debug for SeaOrmStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeaOrmStore")
            .field("dialect", &self.dialect)
            .field("tables", &self.tables)
            .field("deadline", &self.deadline)
            .field("row_security", &self.fence.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "sqlite")]
#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_is_a_day_at_most() {
        let connection = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        let store = SeaOrmStore::new(connection);

        let shown = format!("{store:?}");
        let patient = format!("{:?}", store.with_deadline(Duration::MAX));

        assert!(shown.starts_with("SeaOrmStore { dialect: Some(Sqlite), "), "{shown}");
        assert!(shown.contains(" deadline: 5s, "), "{shown}");
        assert!(patient.contains(" deadline: 86400s, "), "{patient}");
    }
}
