//! The databases that the stores are tested on.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use scrollback::{
    Connect, ConversationStore, SeaOrmStore, Tables, UserId, Users, conformance::Fixture,
};

use crate::{
    folder::Folder,
    support::{PgBouncer, Schema, cluster, connections, pool},
};

/// A schema of PostgreSQL with our tables and users that we manage.
pub(crate) struct OnPostgres {
    // The pool goes before the schema does.
    store: SeaOrmStore,
    schema: Schema,
    connections: u32,
}

impl OnPostgres {
    pub(crate) async fn new() -> Self {
        Self::with_pools_of(connections(4)).await
    }

    /// The same, with so many connections in every pool.
    pub(crate) async fn with_pools_of(connections: u32) -> Self {
        let schema = Schema::create().await;
        let store = open(&cluster().url(), connections, &schema).await;
        store.migrate(&Users::Managed).await.unwrap();
        Self { store, schema, connections }
    }

    /// A store over the same tables, by another way to the server.
    pub(crate) async fn store_at(&self, url: &str, connections: u32) -> SeaOrmStore {
        open(url, connections, &self.schema).await
    }

    /// The same by settings of the caller's.
    pub(crate) async fn store_through(&self, connect: Connect) -> SeaOrmStore {
        through(connect, &self.schema).await
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) const fn sql_store(&self) -> &SeaOrmStore {
        &self.store
    }
}

async fn open(url: &str, connections: u32, schema: &Schema) -> SeaOrmStore {
    through(Connect::new(url).unwrap().with_max_connections(connections), schema).await
}

async fn through(connect: Connect, schema: &Schema) -> SeaOrmStore {
    let tables = Tables::default().with_schema(schema.name()).unwrap();
    SeaOrmStore::new(pool(connect).await.unwrap()).with_tables(tables)
}

#[async_trait]
impl Fixture for OnPostgres {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(self.store_at(&cluster().url(), self.connections).await)
    }

    async fn owner(&self) -> UserId {
        new_user(&self.store).await
    }
}

/// The same behind a PgBouncer.
pub(crate) struct BehindPgBouncer {
    database: OnPostgres,
    bouncer: PgBouncer,
}

impl BehindPgBouncer {
    pub(crate) async fn new(bouncer: PgBouncer) -> Self {
        Self { database: OnPostgres::new().await, bouncer }
    }

    pub(crate) const fn bouncer(&self) -> &PgBouncer {
        &self.bouncer
    }
}

#[async_trait]
impl Fixture for BehindPgBouncer {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        // The pooler has few server connections, and rules ask for several stores.
        Arc::new(self.database.store_at(&self.bouncer.url(), connections(2)).await)
    }

    async fn owner(&self) -> UserId {
        self.database.owner().await
    }
}

/// An SQLite file with our tables and users that we manage.
pub(crate) struct OnSqlite {
    store: SeaOrmStore,
    url: String,
    _folder: Folder,
}

impl OnSqlite {
    pub(crate) async fn new() -> Self {
        let folder = Folder::create();
        let url = folder.url("chat.db");
        let store = SeaOrmStore::connect(&url).await.unwrap();
        store.migrate(&Users::Managed).await.unwrap();
        Self { store, url, _folder: folder }
    }

    pub(crate) const fn sql_store(&self) -> &SeaOrmStore {
        &self.store
    }

    /// A store over the same file, by a connection of its own.
    pub(crate) async fn another_store(&self) -> SeaOrmStore {
        SeaOrmStore::connect(&self.url).await.unwrap()
    }
}

#[async_trait]
impl Fixture for OnSqlite {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(self.another_store().await)
    }

    async fn owner(&self) -> UserId {
        new_user(&self.store).await
    }
}

/// A user whom no other test knows.
async fn new_user(store: &SeaOrmStore) -> UserId {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let subject = format!("user-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    store.ensure_user(&subject).await.unwrap()
}
