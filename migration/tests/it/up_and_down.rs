use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::{
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

fn migrator() -> Migrator {
    Migrator::new(Tables::default(), Users::Managed)
}

#[tokio::test]
async fn down_leaves_nothing_and_a_second_up_makes_the_same() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let before = catalogue(&db).await;

        let applied = migrator().up(&db).await.unwrap();
        let first = catalogue(&db).await;
        let reverted = migrator().down(&db).await.unwrap();
        let between = catalogue(&db).await;
        migrator().up(&db).await.unwrap();
        let second = catalogue(&db).await;

        assert!(applied.iter().eq(reverted.iter().rev()), "{applied:?} {reverted:?}");
        assert_ne!(before, first);
        assert_eq!(before, between);
        assert_eq!(first, second);
    }
}

#[tokio::test]
async fn down_drops_managed_users_whatever_the_choice_is_now() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let before = catalogue(&db).await;
        migrator().up(&db).await.unwrap();

        Migrator::new(Tables::default(), Users::Unchecked).down(&db).await.unwrap();

        assert_eq!(catalogue(&db).await, before);
    }
}

#[tokio::test]
async fn down_keeps_what_the_host_has_built_upon_the_tables() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    migrator().up(&db).await.unwrap();
    db.execute_unprepared("CREATE VIEW recent AS SELECT id FROM messages").await.unwrap();
    let before = catalogue(&db).await;

    let error = migrator().down(&db).await.unwrap_err();

    assert!(matches!(error, MigrateError::Database { .. }), "{error}");
    assert!(error.to_string().contains("depends on the tables"), "{error}");
    assert_eq!(catalogue(&db).await, before);
}

#[tokio::test]
async fn what_sql_prints_makes_what_up_makes() {
    let tables = Tables::default().with_prefix("we\"ird {messages} ").unwrap();
    for users in [Users::Managed, Users::Unchecked] {
        let migrator = Migrator::new(tables.clone(), users);
        for (printed, run) in TestDatabase::both().await.into_iter().zip(TestDatabase::both().await)
        {
            let (printed, run) = (printed.connect().await, run.connect().await);
            let sql = migrator.sql(printed.get_database_backend()).unwrap();

            printed.execute_unprepared(&sql).await.unwrap();
            migrator.up(&run).await.unwrap();

            assert_eq!(catalogue(&printed).await, catalogue(&run).await);
            assert!(migrator.status(&printed).await.unwrap().is_current());
        }
    }
}

#[tokio::test]
async fn a_database_that_is_newer_is_refused_and_left_alone() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        migrator().up(&db).await.unwrap();
        let insert = "INSERT INTO scrollback_migrations VALUES ('scrollback_m29990101_later', 1)";
        db.execute_unprepared(insert).await.unwrap();
        let before = catalogue(&db).await;

        let (up, down) = (migrator().up(&db).await, migrator().down(&db).await);
        let status = migrator().status(&db).await.unwrap();

        for outcome in [up, down] {
            assert!(matches!(outcome, Err(MigrateError::Newer { version, .. })
                if version == "scrollback_m29990101_later"));
        }
        assert!(status.is_newer() && !status.is_current());
        assert_eq!(catalogue(&db).await, before);
    }
}

#[tokio::test]
async fn a_role_that_may_only_read_sees_the_status_and_finds_nothing_to_do() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let migrator = Migrator::new(Tables::default().with_schema("chat").unwrap(), Users::Managed);
    migrator.up(&db).await.unwrap();
    db.execute_unprepared("SET ROLE pg_read_all_data").await.unwrap();

    let (status, applied) = (migrator.status(&db).await.unwrap(), migrator.up(&db).await.unwrap());

    assert!(status.is_current());
    assert_eq!(applied, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_fails_has_changed_nothing() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        db.execute_unprepared("CREATE TABLE messages (id integer)").await.unwrap();
        let before = catalogue(&db).await;

        let error = migrator().up(&db).await.unwrap_err();

        assert!(
            matches!(&error, MigrateError::AlreadyExists { table, .. }
            if table == r#""messages""#),
            "{error}"
        );
        assert_eq!(catalogue(&db).await, before);
    }
}

#[tokio::test]
async fn only_what_is_pending_is_applied() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let host = match database.backend {
            DbBackend::Postgres => "CREATE TABLE people (id bigint PRIMARY KEY)",
            _ => "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        };
        db.execute_unprepared(host).await.unwrap();
        let migrator = Migrator::new(Tables::default(), Users::existing("people", "id"));

        let (first, second) = (migrator.up(&db).await.unwrap(), migrator.up(&db).await.unwrap());

        assert_eq!(first, texts(&db, "SELECT version FROM scrollback_migrations").await);
        assert_eq!(second, Vec::<String>::new());
    }
}
