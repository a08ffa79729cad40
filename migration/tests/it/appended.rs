//! Our list behind the host's own, in the host's own migrator.

use scrollback_migration::{Migrator, Tables, Users};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager,
    async_trait::async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use crate::{
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

struct CreatePeople;

impl MigrationName for CreatePeople {
    fn name(&self) -> &str {
        "m20200101_000001_create_people"
    }
}

#[async_trait]
impl MigrationTrait for CreatePeople {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE TABLE people (id INTEGER PRIMARY KEY)";
        manager.get_connection().execute_unprepared(create).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE people").await.map(drop)
    }
}

struct HostMigrator(Migrator);

impl MigratorTraitSelf for HostMigrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![Box::new(CreatePeople)];
        migrations.extend(self.0.migrations());
        migrations
    }
}

fn tables(backend: DbBackend) -> Tables {
    let tables = Tables::default().with_migrations("seaql_migrations").expect("the name is good");
    match backend {
        DbBackend::Postgres => tables.with_schema("chat").expect("the name is good"),
        _ => tables,
    }
}

#[tokio::test]
async fn the_host_applies_and_reverts_our_list_with_its_own_bookkeeping() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let ours = Migrator::new(tables(database.backend), Users::existing("people", "id"));
        let host = HostMigrator(ours);

        host.up(&db, None).await.unwrap();
        let applied = texts(&db, "SELECT version FROM seaql_migrations ORDER BY 1").await;
        let first = catalogue(&db).await;
        host.down(&db, None).await.unwrap();
        let between = catalogue(&db).await;
        host.up(&db, None).await.unwrap();

        assert_eq!(applied.len(), 2, "{applied:?}");
        assert!(first.contains("conversations_user_fkey"), "{first}");
        assert!(!first.contains("scrollback_migrations"), "{first}");
        assert!(!between.contains("messages"), "{between}");
        assert_eq!(catalogue(&db).await, first);
    }
}

#[tokio::test]
async fn our_status_reads_the_hosts_bookkeeping() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let tables = Tables::default().with_migrations("seaql_migrations").unwrap();
        let ours = Migrator::new(tables, Users::Managed);
        HostMigrator(ours.clone()).up(&db, None).await.unwrap();

        let status = ours.status(&db).await.unwrap();

        assert!(status.is_current(), "{status:?}");
        assert_eq!(status.applied.len(), 2);
    }
}

#[tokio::test]
async fn a_failure_within_the_hosts_migrator_leaves_nothing_half_done() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        // In the way of the last index.
        db.execute_unprepared("CREATE TABLE messages_turn_key (id integer)").await.unwrap();
        let host = HostMigrator(Migrator::new(Tables::default(), Users::Unchecked));

        let outcome = host.up(&db, None).await;

        assert!(outcome.is_err());
        assert!(!catalogue(&db).await.contains("conversations"));
    }
}
