//! The stores under test, and the connections that watch them.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use scrollback::{
    Connect, ConversationStore, GroupingStore, MemoryStore, Pool, SeaOrmStore, Tables, UserId,
    conformance::unused_owner,
};
use sea_orm::ConnectionTrait;

use crate::{
    database::{OnPostgres, OnSqlite},
    row_security::Fenced,
};

/// One way to the data, and the users behind it where the store keeps them.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) sql: Option<SeaOrmStore>,
    users: String,
}

impl Side {
    fn sql(store: SeaOrmStore, users: String) -> Self {
        Self { store: Arc::new(store.clone()), sql: Some(store), users }
    }

    /// A way to tables of the default names.
    pub(super) fn over(store: SeaOrmStore) -> Self {
        Self::sql(store, "users".to_owned())
    }

    /// The same way, with another deadline.
    pub(super) fn with_deadline(&self, deadline: Duration) -> Self {
        let store = self.sql.clone().expect("only stores over SQL have a deadline");
        Self::sql(store.with_deadline(deadline), self.users.clone())
    }

    /// The same way, by a store that groups turns.
    pub(super) fn grouping(mut self) -> Self {
        let store = self.sql.clone().expect("only stores over SQL can group");
        // One statement at a time has the most of them meet in one.
        self.store = Arc::new(GroupingStore::new(store).with_max_statements(1));
        self
    }

    /// The connections of the store.
    pub(super) fn pool(&self) -> Pool {
        self.sql.clone().expect("only stores over SQL have a pool").into_connection()
    }

    /// An owner called `subject`.
    pub(super) async fn owner(&self, subject: &str) -> UserId {
        match &self.sql {
            Some(store) => store.ensure_user(subject).await.unwrap(),
            None => unused_owner(),
        }
    }

    /// Whether there is a user called `subject`.
    pub(super) async fn knows(&self, subject: &str) -> bool {
        if self.sql.is_none() {
            return false;
        }
        let sql = format!("SELECT 1 FROM {} WHERE subject = '{subject}'", self.users);
        !rows(&self.pool(), &sql).await.is_empty()
    }
}

/// The rows of a statement without parameters.
pub(crate) async fn rows(db: &impl ConnectionTrait, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql.to_owned());
    db.query_all_raw(statement).await.unwrap()
}

/// Data, and ways to it.
pub(super) enum Bench {
    Postgres(OnPostgres),
    /// By a store that groups turns.
    Grouping(OnPostgres),
    /// Behind row level security.
    Fenced(Fenced),
    Sqlite(OnSqlite),
    Memory(MemoryStore),
}

impl Bench {
    pub(super) async fn postgres() -> Self {
        Self::Postgres(OnPostgres::new().await)
    }

    pub(super) async fn sqlite() -> Self {
        Self::Sqlite(OnSqlite::new().await)
    }

    /// A way that no fault touches.
    pub(super) async fn watcher(&self) -> Side {
        match self {
            Self::Postgres(database) | Self::Grouping(database) => {
                Side::sql(database.sql_store().clone(), self.users())
            }
            Self::Fenced(database) => Side::over(database.sql_store().clone()),
            Self::Sqlite(database) => Side::sql(database.sql_store().clone(), self.users()),
            Self::Memory(store) => {
                Side { store: Arc::new(store.clone()), sql: None, users: String::new() }
            }
        }
    }

    /// Another way, over `connections` of its own to `url` where the store takes one.
    pub(super) async fn side(&self, url: &str, connections: u32) -> Side {
        match self {
            Self::Postgres(database) => {
                Side::sql(database.store_at(url, connections).await, self.users())
            }
            Self::Grouping(database) => {
                Side::sql(database.store_at(url, connections).await, self.users()).grouping()
            }
            Self::Fenced(database) => Side::over(database.store_at(url, connections).await),
            Self::Sqlite(database) => Side::sql(database.another_store().await, self.users()),
            Self::Memory(_) => self.watcher().await,
        }
    }

    /// Another way, over one connection of SeaORM's own pool.
    pub(super) async fn side_of_sea_orm(&self, url: &str) -> Side {
        let connect = |url: &str| Connect::new(url).unwrap().with_max_connections(1).open();
        match self {
            Self::Fenced(database) => {
                let pool = connect(&database.url_at(url)).await.unwrap();
                Side::over(SeaOrmStore::new(Pool::from(pool)).with_row_security())
            }
            _ => {
                let tables = Tables::default().with_schema(self.schema()).unwrap();
                let store = SeaOrmStore::new(Pool::from(connect(url).await.unwrap()));
                Side::sql(store.with_tables(tables), self.users())
            }
        }
    }

    /// Where the tables are.
    pub(super) fn schema(&self) -> &str {
        match self {
            Self::Postgres(database) | Self::Grouping(database) => database.schema().name(),
            Self::Fenced(database) => database.schema().name(),
            _ => "main",
        }
    }

    fn users(&self) -> String {
        match self {
            Self::Postgres(_) | Self::Grouping(_) => format!("{}.users", self.schema()),
            _ => "users".to_owned(),
        }
    }
}

/// A name that no other test and no other scene uses.
pub(crate) fn unique(start: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{start}_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// `url` with a parameter more.
pub(crate) fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{name}={value}")
}

/// `url` for sessions in which a setting of the server has this value.
pub(super) fn with_setting(url: &str, name: &str, value: &str) -> String {
    with_parameter(url, "options", &format!("-c%20{name}%3D{value}"))
}
