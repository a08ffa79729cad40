//! A transaction of the host's own.

use scrollback::{
    Conflict, ConversationQuery, ConversationStore, Error, NewConversation, SeaOrmStore, UserId,
    Users,
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait,
};

use super::{keyed, session};
use crate::{faults::rows, support::Schema};

async fn in_transaction(db: &DatabaseConnection) -> SeaOrmStore<DatabaseTransaction> {
    SeaOrmStore::new(db.begin().await.unwrap())
}

/// Both with tables that check no users.
async fn both_databases() -> (Schema, [DatabaseConnection; 2]) {
    let schema = Schema::create().await;
    let databases = [schema.connect().await, Database::connect("sqlite::memory:").await.unwrap()];
    for database in &databases {
        SeaOrmStore::new(database.clone()).migrate(&Users::Unchecked).await.unwrap();
    }
    (schema, databases)
}

#[tokio::test]
async fn what_is_rolled_back_was_never_there() {
    let (_schema, databases) = both_databases().await;
    let ann = UserId::new(1);

    for db in databases {
        let store = in_transaction(&db).await;
        let chat = store.create(ann, NewConversation::new()).await.unwrap();
        store.append(ann, chat.id, keyed("hello")).await.unwrap();
        store.into_connection().rollback().await.unwrap();

        let store = SeaOrmStore::new(db);
        assert!(matches!(store.get(ann, chat.id).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn a_transaction_begun_by_a_store_holds_what_the_host_writes_too() {
    let (_schema, databases) = both_databases().await;
    let ann = UserId::new(1);

    for db in databases {
        let store = SeaOrmStore::new(db);
        store.connection().execute_unprepared("CREATE TABLE orders (item text)").await.unwrap();
        let mut stored = Vec::new();
        for commit in [false, true] {
            let begun = store.begin().await.unwrap();
            begun
                .connection()
                .execute_unprepared("INSERT INTO orders VALUES ('tea')")
                .await
                .unwrap();
            begun.create(ann, NewConversation::new()).await.unwrap();
            let transaction = begun.into_connection();
            if commit { transaction.commit().await } else { transaction.rollback().await }.unwrap();
            let chats = store.list(ann, ConversationQuery::default()).await.unwrap().items.len();
            let orders = rows(store.connection(), "SELECT item FROM orders").await.len();
            stored.push((orders, chats));
        }

        assert_eq!(stored, [(0, 0), (1, 1)]);
    }
}

#[tokio::test]
async fn replays_and_conflicts_leave_the_hosts_transaction_usable() {
    let (_schema, databases) = both_databases().await;
    let ann = UserId::new(1);

    for db in databases {
        let store = in_transaction(&db).await;
        let chat = store.create(ann, session()).await.unwrap();
        store.append(ann, chat.id, keyed("hello")).await.unwrap();

        assert!(store.append(ann, chat.id, keyed("hello")).await.unwrap().replayed);
        let reused = store.append(ann, chat.id, keyed("other")).await;
        assert!(matches!(reused, Err(Error::Conflict(Conflict::KeyReused))));
        let taken = store.create(ann, session()).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::SessionTaken))));
        store.into_connection().commit().await.unwrap();

        assert_eq!(SeaOrmStore::new(db).get(ann, chat.id).await.unwrap().message_count, 1);
    }
}
