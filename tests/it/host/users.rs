//! Users that we manage, and users of the host's own.

use std::sync::Arc;

use scrollback::{ConversationStore, Error, SeaOrmStore, UserId, Users};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use super::{keyed, session};
use crate::database::{OnPostgres, OnSqlite};

#[tokio::test]
async fn a_subject_is_one_user_whoever_asks() {
    let postgres = OnPostgres::new().await;
    let sqlite = OnSqlite::new().await;

    for store in [postgres.sql_store().clone(), sqlite.sql_store().clone()] {
        let store = Arc::new(store);
        let asked = (0..16).map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.ensure_user("ann@example.org").await.unwrap() })
        });
        let answers = futures_util::future::try_join_all(asked).await.unwrap();

        assert!(answers.iter().all(|user| *user == answers[0]), "{answers:?}");
        assert_ne!(store.ensure_user("ben@example.org").await.unwrap(), answers[0]);
    }
}

#[tokio::test]
async fn a_forgotten_user_leaves_nothing_and_can_create_nothing() {
    let postgres = OnPostgres::new().await;
    let sqlite = OnSqlite::new().await;

    for store in [postgres.sql_store(), sqlite.sql_store()] {
        let ann = store.ensure_user("ann").await.unwrap();
        let chat = store.create(ann, session()).await.unwrap();
        store.append(ann, chat.id, keyed("hello")).await.unwrap();

        let receipt = store.forget_user(ann).await.unwrap();

        assert_eq!((receipt.conversations, receipt.messages), (1, 1));
        assert!(matches!(store.create(ann, session()).await, Err(Error::NotFound)));
        assert_ne!(store.ensure_user("ann").await.unwrap(), ann);
    }
}

#[tokio::test]
async fn users_of_the_hosts_own_are_neither_added_nor_forgotten() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let host = "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (7)";
    db.execute_unprepared(host).await.unwrap();
    let store = SeaOrmStore::new(db);
    store.migrate(&Users::existing("users", "id")).await.unwrap();
    let chat = store.create(UserId::new(7), session()).await.unwrap();

    let added = store.ensure_user("ann").await.unwrap_err();
    let forgotten = store.forget_user(UserId::new(7)).await.unwrap_err();

    assert!(added.to_string().contains("Users::Managed"), "{added}");
    assert_eq!(added.to_string(), forgotten.to_string());
    assert_eq!(store.get(UserId::new(7), chat.id).await.unwrap(), chat);
    assert!(matches!(store.create(UserId::new(8), session()).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_row_of_the_hosts_that_keeps_a_user_is_named() {
    let database = OnSqlite::new().await;
    let store = database.sql_store().clone();
    let ann = store.ensure_user("ann").await.unwrap();
    let connection = store.clone().into_connection();
    let orders = format!(
        "CREATE TABLE orders (user_id INTEGER REFERENCES users (id));
         INSERT INTO orders VALUES ({})",
        ann.get()
    );
    connection.execute_unprepared(&orders).await.unwrap();

    let kept = store.forget_user(ann).await.unwrap_err();

    assert!(matches!(kept, Error::Setup { .. }), "{kept:?}");
    assert_eq!(store.ensure_user("ann").await.unwrap(), ann);
}

#[tokio::test]
async fn what_is_erased_goes_even_where_foreign_keys_are_off() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let store = SeaOrmStore::new(db.clone());
    store.migrate(&Users::Managed).await.unwrap();
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
    let ann = store.ensure_user("ann").await.unwrap();
    let chat = store.create(ann, session()).await.unwrap();
    store.append(ann, chat.id, keyed("hello")).await.unwrap();

    let receipt = store.forget_user(ann).await.unwrap();

    let left = Statement::from_string(DbBackend::Sqlite, "SELECT count(*) FROM messages");
    let left = db.query_one_raw(left).await.unwrap().unwrap();
    assert_eq!((receipt.messages, left.try_get_by_index::<i64>(0).unwrap()), (1, 0));
}

#[tokio::test]
async fn bad_subjects_are_refused() {
    let store = OnSqlite::new().await;

    for bad in ["", "a\0b", &"x".repeat(256)] {
        let refused = store.sql_store().ensure_user(bad).await;
        assert!(matches!(refused, Err(Error::InvalidInput { field: "subject", .. })));
    }
}
