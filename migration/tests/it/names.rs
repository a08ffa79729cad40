use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::{catalogue::catalogue, database::TestDatabase};

#[tokio::test]
async fn names_of_any_characters_work() {
    let names = ["we\"ird", "a'b; DROP TABLE x --", "{messages:pkey}", "größer.als"];
    let tables = Tables::default()
        .with_users(names[0])
        .and_then(|tables| tables.with_conversations(names[1]))
        .and_then(|tables| tables.with_messages(names[2]))
        .and_then(|tables| tables.with_migrations(names[3]))
        .unwrap();
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let migrator = Migrator::new(tables.clone(), Users::Managed);
        let before = catalogue(&db).await;

        migrator.up(&db).await.unwrap();

        let after = catalogue(&db).await;
        assert!(names.iter().all(|name| after.contains(name)), "{after}");
        assert!(migrator.status(&db).await.unwrap().is_current());
        migrator.down(&db).await.unwrap();
        assert_eq!(catalogue(&db).await, before);
    }
}

#[tokio::test]
async fn names_of_full_length_stay_apart() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let tables = Tables::default().with_prefix(&"é".repeat(9)).unwrap();
        let tables = tables.with_messages("m".repeat(40)).unwrap();
        let tables = tables.with_conversations(format!("{}c", "m".repeat(39))).unwrap();

        let applied = Migrator::new(tables, Users::Managed).up(&db).await.unwrap();

        assert_eq!(applied.len(), 2);
    }
}

#[tokio::test]
async fn a_schema_is_made_when_missing_and_holds_everything() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let tables = Tables::default().with_schema("we\"ird.chat").unwrap();
    let migrator = Migrator::new(tables, Users::Managed);

    migrator.up(&db).await.unwrap();
    let first = catalogue(&db).await;
    migrator.down(&db).await.unwrap();
    let between = catalogue(&db).await;
    migrator.up(&db).await.unwrap();

    assert!(!first.contains("relation public."), "{first}");
    // It may have been there before, and somebody may have granted rights on it.
    assert_eq!(between, "schema we\"ird.chat\n");
    assert_eq!(catalogue(&db).await, first);
}

#[tokio::test]
async fn a_schema_that_is_there_needs_no_right_to_make_schemas() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let prepare = "CREATE SCHEMA chat;
        GRANT USAGE, CREATE ON SCHEMA chat TO pg_read_all_data; SET ROLE pg_read_all_data";
    db.execute_unprepared(prepare).await.unwrap();
    let tables = Tables::default().with_schema("chat").unwrap();

    let applied = Migrator::new(tables, Users::Managed).up(&db).await.unwrap();

    assert_eq!(applied.len(), 2);
}

#[tokio::test]
async fn two_sets_of_tables_live_in_one_database() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        for prefix in ["a_", "b_"] {
            let tables = Tables::default().with_prefix(prefix).unwrap();

            assert_eq!(Migrator::new(tables, Users::Managed).up(&db).await.unwrap().len(), 2);
        }
    }
}

#[tokio::test]
async fn sqlite_refuses_a_schema_and_says_so() {
    let database = TestDatabase::sqlite();
    let db = database.connect().await;
    let tables = Tables::default().with_schema("chat").unwrap();

    let error = Migrator::new(tables, Users::Unchecked).up(&db).await.unwrap_err();

    assert!(matches!(error, MigrateError::Name { .. }));
    assert!(error.to_string().contains("SQLite has no schemas"), "{error}");
}

#[tokio::test]
async fn no_schema_to_make_tables_in_is_named() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    db.execute_unprepared("SET search_path = nowhere").await.unwrap();

    let error = Migrator::new(Tables::default(), Users::Managed).up(&db).await.unwrap_err();

    assert!(error.to_string().contains("search_path"), "{error}");
}

#[test]
fn other_databases_are_refused() {
    let migrator = Migrator::new(Tables::default(), Users::Unchecked);

    assert_eq!(migrator.sql(DbBackend::MySql), Err(MigrateError::Unsupported));
}
