//! A PostgreSQL server whose log can be read.

use std::{fs, path::PathBuf};

use scrollback::{
    ConversationId, ConversationStore, NewConversation, Pool, SeaOrmStore, UserId, Users,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::Cluster;

pub(super) type Store = SeaOrmStore;

/// A server of the test's own, whose log nobody else writes into.
pub(super) struct Server {
    pub(super) cluster: Cluster,
    pub(super) admin: Pool,
    log: PathBuf,
    pub(super) ann: UserId,
    pub(super) chat: ConversationId,
}

impl Server {
    /// As talkative about errors as it can be made, values apart.
    pub(super) async fn start() -> Self {
        let cluster = Cluster::start();
        let store = SeaOrmStore::connect(&cluster.url()).await.unwrap();
        store.migrate(&Users::Managed).await.unwrap();
        let ann = store.ensure_user("ann").await.unwrap();
        let chat = store.create(ann, NewConversation::new()).await.unwrap().id;
        let admin = store.into_connection();
        let folder = text(&admin, "SHOW unix_socket_directories").await;
        let log = PathBuf::from(folder).join("log");
        let server = Self { cluster, admin, log, ann, chat };
        for (name, value) in [
            ("log_min_error_statement", "error"),
            ("log_min_messages", "notice"),
            ("log_error_verbosity", "verbose"),
        ] {
            server.set(name, value).await;
        }
        server
    }

    /// Changes a setting for every connection that is opened afterwards.
    pub(super) async fn set(&self, name: &str, value: &str) {
        self.run(&format!("ALTER SYSTEM SET {name} = '{value}'")).await;
        self.run("SELECT pg_reload_conf()").await;
        let setting = format!("SELECT setting FROM pg_settings WHERE name = '{name}'");
        while text(&self.admin, &setting).await != value {}
    }

    pub(super) async fn run(&self, sql: &str) {
        self.admin.execute_unprepared(sql).await.unwrap();
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(super) async fn store(&self) -> Store {
        SeaOrmStore::connect(&self.cluster.url()).await.unwrap()
    }

    pub(super) async fn store_with(&self, name: &str, value: &str) -> Store {
        let url = format!("{}?options=-c%20{name}%3D{value}", self.cluster.url());
        SeaOrmStore::connect(&url).await.unwrap()
    }
}

pub(super) async fn texts(db: &Pool, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn text(db: &Pool, sql: &str) -> String {
    texts(db, sql).await.remove(0)
}
