//! T8, T16: what the catalogue of the database says about owners.

use scrollback::{
    Conversation, ConversationStore, ConversationUpdate, NewConversation, SeaOrmStore, SessionId,
    UserId,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{
    everything,
    rows::{key, turn},
};
use crate::database::{OnPostgres, OnSqlite};

/// Table, column, whether it may be null, its default.
type Column = (String, String, bool, Option<String>);

const SQLITE: &str = "\
SELECT t.name AS \"table\", c.name AS \"column\", c.\"notnull\" = 0 AND c.pk = 0 AS nullable, \
c.dflt_value AS \"default\" FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";

const POSTGRES: &str = "\
SELECT table_name::text AS \"table\", column_name::text AS \"column\", \
is_nullable = 'YES' AS nullable, column_default::text AS \"default\" \
FROM information_schema.columns WHERE table_schema = current_schema()";

async fn columns(db: &DatabaseConnection) -> Vec<Column> {
    let sql = if db.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    let rows = rows.unwrap().into_iter();
    let column = |row: sea_orm::QueryResult| {
        (
            row.try_get("", "table").unwrap(),
            row.try_get("", "column").unwrap(),
            row.try_get("", "nullable").unwrap(),
            row.try_get("", "default").unwrap(),
        )
    };
    rows.map(column).collect()
}

/// How many rows each table that has owners holds for this one.
async fn rows_of(db: &DatabaseConnection, owner: UserId) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for (table, column, ..) in columns(db).await {
        let is_owner = column == "user_id" || (table.as_str(), column.as_str()) == ("users", "id");
        if is_owner {
            let sql = format!("SELECT count(*) FROM {table} WHERE {column} = {}", owner.get());
            let statement = Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(statement).await.unwrap().unwrap();
            counts.push((table, row.try_get_by_index(0).unwrap()));
        }
    }
    counts.sort();
    counts
}

/// Both kinds of SQL store, each with a connection of the test's own to its tables.
async fn both() -> (OnPostgres, OnSqlite, [DatabaseConnection; 2]) {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let connections =
        [postgres.schema().connect().await, sqlite.sql_store().clone().into_connection()];
    (postgres, sqlite, connections)
}

async fn someone(store: &SeaOrmStore<DatabaseConnection>, subject: &str) -> UserId {
    let owner = store.ensure_user(subject).await.unwrap();
    let new = NewConversation::new().with_session(SessionId::new("tab").unwrap());
    let Conversation { id, .. } = store.create(owner, new).await.unwrap();
    store.append(owner, id, turn(3).with_key(key("once"))).await.unwrap();
    let archived = store.create(owner, NewConversation::new()).await.unwrap().id;
    store.append(owner, archived, turn(2)).await.unwrap();
    let update = ConversationUpdate::new().with_archived(true);
    store.update(owner, archived, update).await.unwrap();
    owner
}

#[tokio::test]
async fn no_row_is_without_an_owner() {
    let (_postgres, _sqlite, connections) = both().await;

    for db in connections {
        let columns = columns(&db).await;
        let owners: Vec<_> = columns.iter().filter(|(_, column, ..)| column == "user_id").collect();
        let mut ownerless: Vec<_> = columns.iter().map(|(table, ..)| table.as_str()).collect();
        ownerless.retain(|table| !owners.iter().any(|(owned, ..)| owned == table));
        ownerless.sort_unstable();
        ownerless.dedup();

        assert_eq!(owners.len(), 2, "{owners:?}");
        assert!(owners.iter().all(|(.., nullable, default)| !nullable && default.is_none()));
        // A title may be null: the question is one that can be answered with yes.
        assert!(columns.iter().any(|(_, column, nullable, _)| column == "title" && *nullable));
        assert_eq!(ownerless, ["scrollback_migrations", "users"]);
    }
}

#[tokio::test]
async fn a_row_without_an_owner_is_refused_by_the_database_itself() {
    let (_postgres, _sqlite, connections) = both().await;

    for (db, time) in connections.into_iter().zip(["now()", "0"]) {
        let sql =
            format!("INSERT INTO conversations (created_at, updated_at) VALUES ({time}, {time})");
        let refused = db.execute_unprepared(&sql).await.unwrap_err().to_string();

        assert!(refused.contains("user_id"), "{refused}");
    }
}

#[tokio::test]
async fn erasing_leaves_no_row_anywhere_and_everybody_elses_rows() {
    let (postgres, sqlite, connections) = both().await;

    for (store, db) in [postgres.sql_store(), sqlite.sql_store()].into_iter().zip(connections) {
        let (ann, ben) = (someone(store, "ann").await, someone(store, "ben").await);
        let counts = |chats, messages, users| {
            [("conversations", chats), ("messages", messages), ("users", users)]
                .map(|(table, count)| (table.to_owned(), count))
        };
        let before = everything(store, ben).await;
        assert_eq!(rows_of(&db, ann).await, counts(2, 5, 1), "before");

        let erased = store.erase(ann).await.unwrap();
        let left = rows_of(&db, ann).await;
        let forgotten = store.forget_user(ann).await.unwrap();

        assert_eq!((erased.conversations, erased.messages), (2, 5));
        assert_eq!((forgotten.conversations, forgotten.messages), (0, 0));
        assert_eq!(left, counts(0, 0, 1), "after erasing");
        assert_eq!(rows_of(&db, ann).await, counts(0, 0, 0), "after forgetting");
        assert_eq!(rows_of(&db, ben).await, counts(2, 5, 1), "somebody else");
        assert!(everything(store, ben).await == before, "somebody else's data changed");
    }
}
