//! Contract 10, down to TRACE: nothing of what is stored, and no password, is logged or shown.

use scrollback::{
    ConversationQuery, ConversationStore, ConversationUpdate, Limit, MessageQuery, Metadata,
    NewConversation, NewMessage, SeaOrmStore, SessionId, Turn, TurnKey, UserId, Users,
};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;

use crate::{
    database::OnPostgres,
    support::{Capture, cluster},
};

/// In everything that must not be seen; no other test uses it.
const CANARY: &str = "tweety-6f1c";

fn secret(what: &str) -> String {
    format!("{CANARY}-{what}")
}

/// Every operation, answered and refused; what is shown of the answers goes into `shown`.
async fn everything(store: &SeaOrmStore<DatabaseConnection>, ann: UserId, shown: &mut String) {
    let session = SessionId::new(secret("session")).unwrap();
    let metadata = Metadata::new(json!({ "note": secret("metadata") })).unwrap();
    let new = NewConversation::new()
        .with_title(secret("title"))
        .unwrap()
        .with_session(session.clone())
        .with_metadata(metadata.clone());
    let message = |text: &str| NewMessage::user(secret(text)).with_metadata(metadata.clone());
    let key = TurnKey::new(secret("key")).unwrap();
    let turn = Turn::new([message("content")]).unwrap().with_key(key.clone());
    let other = Turn::new([message("other")]).unwrap().with_key(key);
    let rename = ConversationUpdate::new().with_title(secret("new title")).unwrap();

    let chat = store.create(ann, new.clone()).await.unwrap();
    let mut show = |value: &dyn std::fmt::Debug| shown.push_str(&format!("{value:?} {value:#?}\n"));
    show(&(&new, &turn, &rename, store));
    show(&store.create(ann, new).await);
    show(&store.append(ann, chat.id, turn.clone()).await);
    show(&store.append(ann, chat.id, turn.clone()).await);
    show(&store.append(ann, chat.id, other.clone()).await);
    show(&store.append(ann, chat.id, other.with_expected_count(9)).await);
    show(&store.messages(ann, chat.id, MessageQuery::last(Limit::default())).await);
    show(&store.update(ann, chat.id, rename).await);
    show(&store.list(ann, ConversationQuery::default()).await);
    show(&store.find_session(ann, &session).await);
    show(&store.get(UserId::new(-1), chat.id).await);
    show(&store.ensure_user(&secret("subject")).await);
    show(&store.clone().with_deadline(std::time::Duration::ZERO).append(ann, chat.id, turn).await);
    show(&store.erase(ann).await);
}

fn assert_silent(place: &str, text: &str, secret: &str) {
    assert!(!text.is_empty(), "{place} has recorded nothing");
    if let Some(at) = text.find(secret) {
        let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
        panic!("{place} shows a secret: {}", &text[start..at + secret.len()]);
    }
}

#[tokio::test]
async fn nothing_stored_is_logged_or_shown() {
    let database = OnPostgres::new().await;
    let url = cluster().url();

    let log = Capture::start();
    let mut shown = String::new();
    let postgres = database.store_at(&url, 2).await;
    let ann = postgres.ensure_user(&secret("subject")).await.unwrap();
    everything(&postgres, ann, &mut shown).await;
    let sqlite = SeaOrmStore::connect("sqlite::memory:").await.unwrap();
    sqlite.migrate(&Users::Managed).await.unwrap();
    let ann = sqlite.ensure_user(&secret("subject")).await.unwrap();
    everything(&sqlite, ann, &mut shown).await;

    let logged = log.text();
    assert!(logged.contains("operation=append"), "our own events are missing");
    assert_silent("the log", &logged, CANARY);
    assert_silent("Debug", &shown, CANARY);
}

#[tokio::test]
async fn a_database_error_quotes_no_value() {
    let database = OnPostgres::new().await;
    let ann = database.sql_store().ensure_user("ann").await.unwrap();
    let chat = database.sql_store().create(ann, NewConversation::new()).await.unwrap();
    let connection = database.schema().connect().await;
    // A rule of the operator's own, whose violation PostgreSQL reports with the row in its message.
    let rule = "ALTER TABLE messages ADD CHECK (content NOT LIKE 'tweety%')";
    connection.execute_unprepared(rule).await.unwrap();

    let log = Capture::start();
    let turn = Turn::new([NewMessage::user(secret("content"))]).unwrap();
    let refused = database.sql_store().append(ann, chat.id, turn).await.unwrap_err();

    let source = std::error::Error::source(&refused).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("SQLSTATE 23514 (check_violation)"));
    assert_silent("the log", &log.text(), CANARY);
    assert_silent("the error", &format!("{refused} {refused:?} {source:?}"), CANARY);
}

#[tokio::test]
async fn no_password_is_logged_or_shown() {
    // A role of its own: other tests open connections by ways that do log the server's password.
    let database = OnPostgres::new().await;
    let role = format!("{}_silent", database.schema().name());
    let password = secret("password");
    let connection = database.schema().connect().await;
    let create = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'");
    connection.execute_unprepared(&create).await.unwrap();
    let url = cluster().url_as(&role, &password);
    let wrong = cluster().url_as(&role, &secret("wrong"));

    let log = Capture::start();
    let right = SeaOrmStore::connect(&url).await.unwrap();
    let refused = SeaOrmStore::connect(&wrong).await.unwrap_err();

    assert_silent("the log", &log.text(), CANARY);
    assert_silent("Debug", &format!("{right:?} {refused} {refused:?} {refused:#?}"), CANARY);
    right.into_connection().close().await.unwrap();
    let drop = format!("DROP ROLE {role}");
    connection.execute_unprepared(&drop).await.unwrap();
}
