//! A transaction of the host's own.

use scrollback::{Conflict, ConversationStore, Error, NewConversation, SeaOrmStore, UserId, Users};
use sea_orm::{Database, DatabaseConnection, DatabaseTransaction, TransactionTrait};

use super::{keyed, session};
use crate::support::Schema;

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
