//! A database that can be made to refuse.

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait,
};

use super::{
    bench::{Bench, Side, rows, with_setting},
    scene::Scene,
};
use crate::{row_security::Fenced, support::cluster};

pub(super) struct Refusing {
    pub(super) bench: Bench,
    pub(super) watcher: Side,
    /// The superuser, whom no policy holds.
    admin: DatabaseConnection,
}

impl Refusing {
    pub(super) async fn new() -> Self {
        Self::over(Bench::postgres().await).await
    }

    /// Behind row level security, where a call is a transaction.
    pub(super) async fn fenced() -> Self {
        Self::over(Bench::Fenced(Fenced::new().await)).await
    }

    async fn over(bench: Bench) -> Self {
        let watcher = bench.watcher().await;
        let admin = Database::connect(cluster().url()).await.unwrap();
        Self { bench, watcher, admin }
    }

    /// A way whose sessions have this setting.
    pub(super) async fn side(&self, setting: &str, value: &str) -> Side {
        self.bench.side(&with_setting(&cluster().url(), setting, value), 1).await
    }

    /// A transaction of somebody else's, who has run `sql` and goes on.
    pub(super) async fn other(&self, sql: &str) -> DatabaseTransaction {
        let other = self.admin.begin().await.unwrap();
        other.execute_unprepared(sql).await.unwrap();
        other
    }

    /// A trigger that runs `body` for every turn that is stored, and for messages that are deleted.
    pub(super) async fn trigger(&self, body: &str) {
        let schema = self.bench.schema();
        let sql = format!(
            "CREATE SEQUENCE {schema}.tries;
             GRANT USAGE ON SEQUENCE {schema}.tries TO PUBLIC;
             CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN {body}; RETURN NEW; END$$;
             CREATE TRIGGER refuse BEFORE INSERT OR DELETE ON {schema}.messages
               FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()"
        );
        self.admin.execute_unprepared(&sql).await.unwrap();
    }

    /// How often the trigger ran, rolled back or not.
    pub(super) async fn tries(&self) -> i64 {
        let sql = format!("SELECT last_value FROM {}.tries", self.bench.schema());
        rows(&self.admin, &sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Takes the lock of a conversation.
    pub(super) fn lock(&self, scene: &Scene) -> String {
        let (schema, id) = (self.bench.schema(), scene.chat);
        format!("UPDATE {schema}.conversations SET archived = archived WHERE id = {id}")
    }
}
