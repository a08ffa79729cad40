//! A database that can be made to refuse.

use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};

use super::{
    bench::{Bench, Side, rows, with_setting},
    scene::Scene,
};
use crate::support::cluster;

pub(super) struct Refusing {
    pub(super) bench: Bench,
    pub(super) watcher: Side,
}

impl Refusing {
    pub(super) async fn new() -> Self {
        let bench = Bench::postgres().await;
        let watcher = bench.watcher().await;
        Self { bench, watcher }
    }

    /// A way whose sessions have this setting.
    pub(super) async fn side(&self, setting: &str, value: &str) -> Side {
        self.bench.side(&with_setting(&cluster().url(), setting, value), 1).await
    }

    /// A transaction of somebody else's, who has run `sql` and goes on.
    pub(super) async fn other(&self, sql: &str) -> DatabaseTransaction {
        let other = self.bench.side(&cluster().url(), 1).await.pool().begin().await.unwrap();
        other.execute_unprepared(sql).await.unwrap();
        other
    }

    /// A trigger that runs `body` for every turn that is stored.
    pub(super) async fn trigger(&self, body: &str) {
        let schema = self.bench.schema();
        let sql = format!(
            "CREATE SEQUENCE {schema}.tries;
             CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN {body}; RETURN NEW; END$$;
             CREATE TRIGGER refuse BEFORE INSERT ON {schema}.messages
               FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()"
        );
        self.watcher.pool().execute_unprepared(&sql).await.unwrap();
    }

    /// How often the trigger ran, rolled back or not.
    pub(super) async fn tries(&self) -> i64 {
        let sql = format!("SELECT last_value FROM {}.tries", self.bench.schema());
        rows(&self.watcher.pool(), &sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Takes the lock of a conversation.
    pub(super) fn lock(&self, scene: &Scene) -> String {
        let (schema, id) = (self.bench.schema(), scene.chat);
        format!("UPDATE {schema}.conversations SET archived = archived WHERE id = {id}")
    }
}
