//! What a host brings: its transaction, its users, its role, its database as it stands.

use std::sync::Arc;

use scrollback::{
    Conflict, ConversationStore, Error, NewConversation, NewMessage, SeaOrmStore, SessionId,
    Tables, Turn, TurnKey, UserId, Users, preflight::Schema as Found,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};

use crate::{
    database::{OnPostgres, OnSqlite},
    folder::Folder,
    support::{Schema, cluster},
};

fn keyed(text: &str) -> Turn {
    Turn::new([NewMessage::user(text)]).unwrap().with_key(TurnKey::new("k").unwrap())
}

fn session() -> NewConversation {
    NewConversation::new().with_session(SessionId::new("s").unwrap())
}

/// A store over a transaction of the host's, on tables without users.
async fn in_transaction(db: &DatabaseConnection) -> SeaOrmStore<sea_orm::DatabaseTransaction> {
    SeaOrmStore::new(db.begin().await.unwrap())
}

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
async fn bad_subjects_are_refused() {
    let store = OnSqlite::new().await;

    for bad in ["", "a\0b", &"x".repeat(256)] {
        let refused = store.sql_store().ensure_user(bad).await;
        assert!(matches!(refused, Err(Error::InvalidInput { field: "subject", .. })));
    }
}

#[tokio::test]
async fn a_database_without_tables_says_which_command_to_run() {
    let schema = Schema::create().await;
    let empty = [schema.connect().await, Database::connect("sqlite::memory:").await.unwrap()];

    for db in empty {
        let store = SeaOrmStore::new(db);
        let found = store.preflight().await.unwrap();
        let refused = store.create(UserId::new(1), NewConversation::new()).await.unwrap_err();

        assert_eq!(found.schema, Found::Missing);
        assert!(matches!(refused, Error::Setup { .. }), "{refused:?}");
        assert!(refused.to_string().contains("scrollback-migration up"), "{refused}");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_when_it_is_opened() {
    let folder = Folder::create();
    let url = folder.url("chat.db");
    let store = SeaOrmStore::connect(&url).await.unwrap();
    store.migrate(&Users::Managed).await.unwrap();
    let newer = "INSERT INTO scrollback_migrations VALUES ('scrollback_m20991231_000001_later', 0)";
    store.into_connection().execute_unprepared(newer).await.unwrap();

    let refused = SeaOrmStore::connect(&url).await.unwrap_err();

    assert!(matches!(refused, Error::Setup { .. }));
    assert!(refused.to_string().contains("later release"), "{refused}");
}

#[tokio::test]
async fn a_role_with_four_rights_is_enough_to_serve() {
    let database = OnPostgres::new().await;
    let (owner, schema) = (database.schema().connect().await, database.schema().name());
    let role = format!("{schema}_server");
    let grants = format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'secret';
         GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON conversations, messages, users TO {role}"
    );
    owner.execute_unprepared(&grants).await.unwrap();
    let store = database.store_at(&cluster().url_as(&role, "secret"), 2).await;

    let ann = store.ensure_user("ann").await.unwrap();
    let chat = store.create(ann, session()).await.unwrap();
    store.append(ann, chat.id, keyed("hello")).await.unwrap();
    let report = store.preflight().await.unwrap();
    store.delete(ann, chat.id).await.unwrap();
    store.erase(ann).await.unwrap();

    assert!(report.problems().is_empty(), "{report:?}");
    assert!(report.role.is_some_and(|role| !role.superuser && !role.creates_tables));
    store.into_connection().close().await.unwrap();
    owner.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}

#[tokio::test]
async fn tables_of_another_name_stand_beside_the_hosts() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    db.execute_unprepared("CREATE TABLE messages (body TEXT)").await.unwrap();
    let tables = Tables::default().with_prefix("we\"ird ").unwrap();

    let store = SeaOrmStore::new(db).with_tables(tables);
    store.migrate(&Users::Unchecked).await.unwrap();
    let chat = store.create(UserId::new(1), session()).await.unwrap();

    assert_eq!(store.get(UserId::new(1), chat.id).await.unwrap(), chat);
}
