use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::{
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

/// A conversation of user 1; the answer says whether the database accepted it.
async fn insert_conversation(db: &DatabaseConnection) -> bool {
    let insert = match db.get_database_backend() {
        DbBackend::Postgres => {
            "INSERT INTO conversations (user_id, created_at, updated_at) VALUES (1, now(), now())"
        }
        _ => "INSERT INTO conversations (user_id, created_at, updated_at) VALUES (1, 0, 0)",
    };
    db.execute_unprepared(insert).await.is_ok()
}

async fn conversations(db: &DatabaseConnection) -> usize {
    texts(db, "SELECT 'one' FROM conversations").await.len()
}

#[tokio::test]
async fn an_existing_table_is_referenced_and_its_users_take_their_conversations_along() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let create = r#"CREATE TABLE "Pe""ople" ("Nr" INTEGER PRIMARY KEY)"#;
        db.execute_unprepared(create).await.unwrap();
        let users = Users::existing("Pe\"ople", "Nr");

        Migrator::new(Tables::default(), users).up(&db).await.unwrap();

        assert!(!insert_conversation(&db).await);
        db.execute_unprepared(r#"INSERT INTO "Pe""ople" VALUES (1)"#).await.unwrap();
        assert!(insert_conversation(&db).await);
        db.execute_unprepared(r#"DELETE FROM "Pe""ople""#).await.unwrap();
        assert_eq!(conversations(&db).await, 0);
    }
}

#[tokio::test]
async fn an_existing_table_may_be_in_another_schema() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let create = "CREATE SCHEMA auth; CREATE TABLE auth.people (id bigint PRIMARY KEY)";
    db.execute_unprepared(create).await.unwrap();
    let users = Users::existing("auth.people", "id");

    Migrator::new(Tables::default(), users).up(&db).await.unwrap();

    assert!(!insert_conversation(&db).await);
}

#[tokio::test]
async fn managed_users_have_a_subject_and_take_their_conversations_along() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;

        Migrator::new(Tables::default(), Users::Managed).up(&db).await.unwrap();

        assert!(!insert_conversation(&db).await);
        db.execute_unprepared("INSERT INTO users (subject) VALUES ('ann')").await.unwrap();
        assert!(insert_conversation(&db).await);
        for refused in ["''", "'ann'", &format!("'{}'", "x".repeat(256))] {
            let insert = format!("INSERT INTO users (subject) VALUES ({refused})");
            assert!(db.execute_unprepared(&insert).await.is_err(), "{refused}");
        }
        db.execute_unprepared("DELETE FROM users").await.unwrap();
        assert_eq!(conversations(&db).await, 0);
    }
}

#[tokio::test]
async fn unchecked_users_need_no_table() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;

        Migrator::new(Tables::default(), Users::Unchecked).up(&db).await.unwrap();

        assert!(insert_conversation(&db).await);
    }
}

#[tokio::test]
async fn an_existing_table_that_cannot_be_referenced_is_named_with_the_reason() {
    let cases = [
        ("nobody", "id", "there is no such table"),
        ("people", "nr", "the table has no such column"),
        (
            "people",
            "email",
            "the column is no integer that a bigint can refer to: use Users::Managed \
          (`--users managed`) and ensure_user(the id as text)",
        ),
        ("people", "age", "the column is neither PRIMARY KEY nor UNIQUE"),
    ];
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let create = "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INTEGER)";
        db.execute_unprepared(create).await.unwrap();
        let before = catalogue(&db).await;
        for (table, column, expected) in cases {
            let users = Users::existing(table, column);

            let error = Migrator::new(Tables::default(), users).up(&db).await.unwrap_err();

            assert!(
                matches!(&error, MigrateError::UsersTable { reason, .. } if *reason == expected),
                "{:?} {error}",
                database.backend
            );
            assert!(error.to_string().contains(&format!("\"{table}\"")), "{error}");
            assert_eq!(catalogue(&db).await, before);
        }
    }
}
