//! A database as it stands: empty, newer, guarded, crowded, restored.

use scrollback::{
    ConversationStore, Error, NewConversation, NewMessage, SeaOrmStore, Tables, Turn, TurnKey,
    UserId, Users, preflight::Schema as Found,
};
use sea_orm::{ConnectionTrait, Database};

use super::{keyed, session};
use crate::{
    database::OnPostgres,
    folder::Folder,
    support::{Schema, cluster},
};

#[tokio::test]
async fn a_closed_file_is_whole_in_itself() {
    let folder = Folder::create();
    let store = SeaOrmStore::connect(&folder.url("chat.db")).await.unwrap();
    store.migrate(&Users::Unchecked).await.unwrap();
    let chat = store.create(UserId::new(1), session()).await.unwrap();

    store.close().await.unwrap();
    std::fs::copy(folder.path().join("chat.db"), folder.path().join("copy.db")).unwrap();

    let copy = SeaOrmStore::connect(&folder.url("copy.db")).await.unwrap();
    assert_eq!(copy.get(UserId::new(1), chat.id).await.unwrap(), chat);
}

#[tokio::test]
async fn an_id_that_is_given_out_twice_is_no_conflict_of_the_callers() {
    let database = OnPostgres::new().await;
    let (store, connection) = (database.sql_store(), database.schema().connect().await);
    let ann = store.ensure_user("ann").await.unwrap();
    let chat = store.create(ann, session()).await.unwrap();
    store.append(ann, chat.id, keyed("hello")).await.unwrap();
    // As after a restore that left the sequence behind.
    let restart = "ALTER TABLE messages ALTER COLUMN id RESTART WITH 1";

    let turn = || Turn::new([NewMessage::user("more")]).unwrap();
    let turns = [turn(), turn().with_expected_count(1), turn().with_key(TurnKey::generate())];
    for turn in turns {
        connection.execute_unprepared(restart).await.unwrap();
        let refused = store.append(ann, chat.id, turn).await;

        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    }
    assert_eq!(store.get(ann, chat.id).await.unwrap().message_count, 1);
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
async fn a_store_that_was_closed_blames_nothing_else() {
    let store = SeaOrmStore::connect("sqlite::memory:").await.unwrap();
    store.migrate(&Users::Managed).await.unwrap();
    store.clone().close().await.unwrap();

    for refused in [store.ensure_user("ann").await.err(), store.erase(UserId::new(1)).await.err()] {
        assert!(refused.is_some_and(|error| error.to_string().contains("closed")));
    }
}

#[tokio::test]
async fn a_file_that_is_only_read_says_so() {
    let folder = Folder::create();
    let url = folder.url("chat.db");
    let store = SeaOrmStore::connect(&url).await.unwrap();
    store.migrate(&Users::Managed).await.unwrap();
    store.close().await.unwrap();

    let reader = SeaOrmStore::connect(&format!("{url}?mode=ro")).await.unwrap();
    let refused = reader.create(UserId::new(1), session()).await.unwrap_err();

    assert!(refused.to_string().contains("mode=ro"), "{refused}");
    assert!(!refused.is_retryable());
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
    store.delete(ann, chat.id, None).await.unwrap();
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
