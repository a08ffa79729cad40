//! A database that several processes open.

use std::sync::Arc;

use scrollback::{Connect, GroupingStore, Pool, SeaOrmStore, Tables, UserId, Users};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::load::Store;
use crate::support::{Schema, cluster, connections, pool};

/// How to open it; an owner who has nothing yet is among its users.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) url: String,
    schema: Option<String>,
    pub(crate) owner: i64,
    /// Whether turns share statements.
    grouping: bool,
}

impl Place {
    pub(crate) async fn open(&self, connections: u32) -> Store {
        let store = self.sql_store(connections).await;
        if self.grouping { Arc::new(GroupingStore::new(store)) } else { Arc::new(store) }
    }

    /// The same, opened by stores that group turns.
    pub(crate) fn grouping(self) -> Self {
        Self { grouping: true, ..self }
    }

    pub(crate) async fn sql_store(&self, most: u32) -> SeaOrmStore {
        self.sql_store_of(connections(most)).await
    }

    /// For what takes several connections at a time to be shown.
    pub(crate) async fn sql_store_of(&self, number: u32) -> SeaOrmStore {
        let connect = Connect::new(&self.url).unwrap().with_max_connections(number);
        let store = SeaOrmStore::new(pool(connect).await.unwrap());
        match &self.schema {
            Some(schema) => store.with_tables(Tables::default().with_schema(schema).unwrap()),
            None => store,
        }
    }

    pub(crate) const fn owner(&self) -> UserId {
        UserId::new(self.owner)
    }

    /// The first schema of a server of the caller's own.
    pub(crate) async fn at(url: String) -> Self {
        Self { url, schema: None, owner: 0, grouping: false }.migrated().await
    }

    async fn migrated(mut self) -> Self {
        let store = self.sql_store(1).await;
        store.migrate(&Users::Managed).await.unwrap();
        self.owner = store.ensure_user("ann").await.unwrap().get();
        self
    }
}

/// A schema of the shared server, which goes with the guard.
pub(crate) async fn on_postgres() -> (Place, Schema) {
    let schema = Schema::create().await;
    let name = Some(schema.name().to_owned());
    let place = Place { url: cluster().url(), schema: name, owner: 0, grouping: false };
    (place.migrated().await, schema)
}

/// A file, which goes with the guard.
pub(crate) async fn on_sqlite() -> (Place, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("chat.db").display());
    (Place::at(url).await, folder)
}

/// Does something behind the store's back: statements of set-up, and defects.
pub(crate) async fn execute(place: &Place, sql: &str) {
    let connection = place.sql_store(1).await.into_connection();
    connection.execute_unprepared(sql).await.unwrap();
}

/// The number that a query gives.
pub(super) async fn number(connection: &Pool, sql: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
