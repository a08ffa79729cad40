//! Tables with row level security, made by one role and served by another; neither is a superuser.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    Connect, ConversationStore, NewConversation, NewMessage, SeaOrmStore, SessionId, Tables, Turn,
    UserId, Users, conformance::Fixture,
};
use scrollback_migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::support::{Roles, Schema, cluster, pool};

pub(crate) struct Fenced {
    // The pool goes before the roles, and these before the schema.
    store: SeaOrmStore,
    roles: Roles,
    schema: Schema,
}

impl Fenced {
    pub(crate) async fn new() -> Self {
        let schema = Schema::create().await;
        let admin = schema.connect().await;
        let roles = Roles::create(&schema, &admin).await;
        let makers = open(&roles.url(&roles.maker, &cluster().url()), 1).await.with_row_security();
        makers.migrate(&Users::Managed).await.unwrap();
        let grant = format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON conversations, messages, users TO {}",
            roles.server
        );
        admin.execute_unprepared(&grant).await.unwrap();
        makers.close().await.unwrap();
        admin.close().await.unwrap();
        let store = open(&roles.url(&roles.server, &cluster().url()), 4).await.with_row_security();
        Self { store, roles, schema }
    }

    /// A store that names the owner, by another way to the server.
    pub(crate) async fn store_at(&self, url: &str, connections: u32) -> SeaOrmStore {
        self.unaware_store_at(url, connections).await.with_row_security()
    }

    /// One that does not.
    pub(crate) async fn unaware_store_at(&self, url: &str, connections: u32) -> SeaOrmStore {
        open(&self.roles.url(&self.roles.server, url), connections).await
    }

    pub(crate) const fn sql_store(&self) -> &SeaOrmStore {
        &self.store
    }

    /// The URL of the role that serves, by another way to the server.
    pub(crate) fn url_at(&self, url: &str) -> String {
        self.roles.url(&self.roles.server, url)
    }

    /// The URL of the role that serves, to which unqualified names mean these tables.
    pub(crate) fn url(&self) -> String {
        self.roles.url(&self.roles.server, &cluster().url())
    }

    /// A connection of the role that owns the tables.
    pub(crate) async fn as_maker(&self) -> DatabaseConnection {
        connect(&self.roles.url(&self.roles.maker, &cluster().url()), 1).await
    }

    /// A connection of the role that serves.
    pub(crate) async fn as_server(&self) -> DatabaseConnection {
        connect(&self.url(), 1).await
    }

    pub(crate) const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// A connection that no policy holds.
    pub(crate) async fn as_superuser(&self) -> DatabaseConnection {
        self.schema.connect().await
    }

    /// The tables stay as they are, without the fence.
    pub(crate) async fn take_off(&self) {
        let maker = self.as_maker().await;
        let migrator = Migrator::new(Tables::default(), Users::Managed);
        assert_eq!(migrator.down_row_security(&maker).await.unwrap().len(), 1);
    }

    /// A new owner with a conversation of two messages.
    pub(crate) async fn somebody(&self) -> UserId {
        let owner = self.owner().await;
        let chat = self.store.create(owner, NewConversation::new()).await.unwrap();
        let turn = Turn::new([NewMessage::user("a"), NewMessage::assistant("b")]).unwrap();
        self.store.append(owner, chat.id, turn).await.unwrap();
        owner
    }
}

async fn open(url: &str, connections: u32) -> SeaOrmStore {
    SeaOrmStore::new(pool(to(url, connections)).await.unwrap())
}

async fn connect(url: &str, connections: u32) -> DatabaseConnection {
    to(url, connections).open().await.unwrap()
}

fn to(url: &str, connections: u32) -> Connect {
    Connect::new(url).unwrap().with_max_connections(connections)
}

#[async_trait]
impl Fixture for Fenced {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        // What is tried here are rights, not processes.
        Arc::new(self.store.clone())
    }

    async fn owner(&self) -> UserId {
        self.store.ensure_user(SessionId::generate().as_str()).await.unwrap()
    }
}
