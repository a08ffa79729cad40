//! What was released is never changed: the catalogue after `up`, line by line.

use scrollback_migration::{Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::{
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

async fn migrated(database: &TestDatabase) -> DatabaseConnection {
    let db = database.connect().await;
    Migrator::new(Tables::default(), Users::Managed).up(&db).await.expect("the database is empty");
    db
}

#[tokio::test]
async fn postgres_has_the_tables_that_were_released() {
    let database = TestDatabase::postgres().await;
    let db = migrated(&database).await;

    let catalogue = catalogue(&db).await;

    assert!(
        catalogue == include_str!("expected/postgres.txt"),
        "the catalogue is now\n{catalogue}"
    );
}

#[tokio::test]
async fn sqlite_has_the_tables_that_were_released() {
    let database = TestDatabase::sqlite();
    let db = migrated(&database).await;

    let catalogue = catalogue(&db).await;

    assert!(catalogue == include_str!("expected/sqlite.txt"), "the catalogue is now\n{catalogue}");
}

#[tokio::test]
async fn on_sqlite_an_insert_counts_the_message_and_moves_the_activity() {
    let database = TestDatabase::sqlite();
    let db = migrated(&database).await;
    let insert = "
        INSERT INTO users (id, subject) VALUES (1, 'ann'), (2, 'bob');
        INSERT INTO conversations (user_id, created_at, updated_at) VALUES (1, 5, 5), (2, 5, 5);
        INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
        VALUES (1, 1, 7, 1, 0, 'user', 'Hello'), (1, 1, 7, 2, 1, 'assistant', 'Hi')";

    db.execute_unprepared(insert).await.unwrap();

    let counts = "SELECT message_count || ' ' || updated_at FROM conversations ORDER BY user_id";
    assert_eq!(texts(&db, counts).await, ["2 7", "0 5"]);
}

#[tokio::test]
async fn a_message_under_a_wrong_owner_cannot_exist() {
    for database in TestDatabase::both().await {
        let db = migrated(&database).await;
        let time = match db.get_database_backend() {
            DbBackend::Postgres => "now()",
            _ => "0",
        };
        let message = |owner: i64| {
            format!(
                "INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
                 VALUES ({owner}, 1, {time}, 1, 0, 'user', 'Hello')"
            )
        };
        let insert = format!(
            "INSERT INTO users (subject) VALUES ('ann'), ('bob');
             INSERT INTO conversations (user_id, created_at, updated_at) VALUES (1, {time}, {time})"
        );
        db.execute_unprepared(&insert).await.unwrap();

        let (foreign, own) =
            (db.execute_unprepared(&message(2)).await, db.execute_unprepared(&message(1)).await);

        assert!(foreign.is_err());
        assert!(own.is_ok());
    }
}
