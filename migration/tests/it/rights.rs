//! What a role lacks is named before it is tried. The role is `pg_monitor`, which may do nothing.

use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::{
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

/// A connection whose role may do no more than `grants` say.
async fn role(database: &TestDatabase, grants: &str) -> DatabaseConnection {
    let db = database.connect().await;
    let prepare =
        format!("REVOKE CREATE ON SCHEMA public FROM PUBLIC; {grants}; SET ROLE pg_monitor");
    db.execute_unprepared(&prepare).await.expect("the grants are right");
    db
}

fn in_chat(users: Users) -> Migrator {
    Migrator::new(Tables::default().with_schema("chat").expect("the name is good"), users)
}

fn lacking(error: MigrateError) -> Vec<String> {
    assert!(error.to_string().contains("GRANT "), "{error}");
    match error {
        MigrateError::PrivilegesMissing { lacking, .. } => lacking,
        other => panic!("{other:?} names no right"),
    }
}

#[tokio::test]
async fn up_names_the_right_to_create_tables() {
    let database = TestDatabase::postgres().await;
    let db = role(&database, "CREATE SCHEMA chat").await;
    let before = catalogue(&db).await;

    let unnamed = Migrator::new(Tables::default(), Users::Managed).up(&db).await.unwrap_err();
    let named = in_chat(Users::Managed).up(&db).await.unwrap_err();

    assert_eq!(lacking(unnamed), [r#"CREATE ON SCHEMA "public""#]);
    assert_eq!(lacking(named), [r#"USAGE ON SCHEMA "chat""#]);
    assert_eq!(catalogue(&db).await, before);
}

#[tokio::test]
async fn up_names_everything_that_making_the_tables_needs() {
    let database = TestDatabase::postgres().await;
    let grants = "CREATE SCHEMA chat; GRANT USAGE ON SCHEMA chat TO pg_monitor;
                  CREATE SCHEMA auth; CREATE TABLE auth.\"Pe\"\"ople\" (id bigint PRIMARY KEY)";
    let db = role(&database, grants).await;

    let error = in_chat(Users::existing("auth.Pe\"ople", "id")).up(&db).await.unwrap_err();

    assert_eq!(
        lacking(error),
        [
            r#"CREATE ON SCHEMA "chat""#,
            r#"USAGE ON SCHEMA "auth""#,
            r#"REFERENCES ON "auth"."Pe""ople""#,
        ]
    );
}

#[tokio::test]
async fn what_is_named_is_enough() {
    let database = TestDatabase::postgres().await;
    let grants = "CREATE SCHEMA chat; GRANT USAGE, CREATE ON SCHEMA chat TO pg_monitor;
                  CREATE TABLE people (id bigint PRIMARY KEY); GRANT REFERENCES ON people TO pg_monitor";
    let db = role(&database, grants).await;

    let applied = in_chat(Users::existing("people", "id")).up(&db).await;

    assert_eq!(applied.map(|names| names.len()), Ok(1));
}

#[tokio::test]
async fn up_names_the_right_to_create_a_schema_that_is_missing() {
    let database = TestDatabase::postgres().await;
    let db = role(&database, "SELECT 1").await;
    let name = texts(&db, "SELECT current_database()::text").await.remove(0);

    let error = in_chat(Users::Managed).up(&db).await.unwrap_err();

    assert_eq!(lacking(error), [format!(r#"CREATE ON DATABASE "{name}""#)]);
}

#[tokio::test]
async fn status_names_the_right_to_read_the_record() {
    let database = TestDatabase::postgres().await;
    in_chat(Users::Managed).up(&database.connect().await).await.unwrap();
    let db = role(&database, "SELECT 1").await;

    let neither = in_chat(Users::Managed).status(&db).await.unwrap_err();
    let usage = "RESET ROLE; GRANT USAGE ON SCHEMA chat TO pg_monitor; SET ROLE pg_monitor";
    db.execute_unprepared(usage).await.unwrap();
    let select = in_chat(Users::Managed).status(&db).await.unwrap_err();

    let record = r#"SELECT ON "chat"."scrollback_migrations""#;
    assert_eq!(lacking(neither), [r#"USAGE ON SCHEMA "chat""#, record]);
    assert_eq!(lacking(select), [record]);
}
