//! T12, T15 and contract 10, down to TRACE: nothing of what is stored, and no password, is logged or
//! shown.

mod server;
mod server_log;

use scrollback::{
    ConversationQuery, ConversationStore, ConversationUpdate, Limit, MessageQuery, Metadata,
    NewConversation, NewMessage, SeaOrmStore, SessionId, Turn, TurnKey, UserId, Users,
};
use scrollback_proof::{T12, T15, Trial, control};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::json;

use crate::{
    database::OnPostgres,
    support::{Capture, cluster},
    threats::HOSTILE,
};

/// In everything that must not be seen; no other test uses it.
const CANARY: &str = "tweety-6f1c";

fn secret(what: &str) -> String {
    format!("{CANARY}-{what}")
}

/// Every operation, answered and refused; what is shown of the answers goes into `shown`.
async fn everything(store: &SeaOrmStore, ann: UserId, shown: &mut String) {
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
    let stale = rename.clone().with_expected_version(chat.version());
    show(&store.update(ann, chat.id, rename).await);
    show(&store.update(ann, chat.id, stale).await);
    show(&store.delete(ann, chat.id, Some(chat.version())).await);
    show(&store.list(ann, ConversationQuery::default()).await);
    show(&store.find_session(ann, &session).await);
    show(&store.get(UserId::new(-1), chat.id).await);
    show(&store.ensure_user(&secret("subject")).await);
    show(&store.clone().with_deadline(std::time::Duration::ZERO).append(ann, chat.id, turn).await);
    show(&store.erase(ann).await);
}

/// The lines that show a secret, up to it.
fn leaks<'a>(place: &str, text: &'a str, secret: &str) -> Vec<&'a str> {
    assert!(!text.is_empty(), "{place} has recorded nothing");
    let shown =
        text.lines().filter_map(|line| line.find(secret).map(|at| &line[..at + secret.len()]));
    shown.collect()
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
    let (in_log, in_debug) = (leaks("the log", &logged, CANARY), leaks("Debug", &shown, CANARY));
    Trial::of(T15, "lines of a recorder at TRACE and of Debug, searched for canaries")
        .times(logged.lines().count() + shown.lines().count())
        .wrong("logged", in_log.len())
        .wrong("shown by Debug or Display", in_debug.len())
        .record();
    assert!(logged.contains("operation=append"), "our own events are missing");
    assert_eq!((in_log, in_debug), (vec![], vec![]));
}

#[tokio::test]
async fn hostile_contents_are_not_logged() {
    const MARK: &str = "sylvester-2b77";
    let database = OnPostgres::new().await;
    let store = database.sql_store();
    let ann = store.ensure_user("ann").await.unwrap();
    let chat = store.create(ann, NewConversation::new()).await.unwrap().id;

    let log = Capture::start();
    for text in HOSTILE {
        let text = format!("{MARK}{text}{MARK}");
        let turn = Turn::new([NewMessage::user(text.as_str())]).unwrap();
        store.append(ann, chat, turn).await.unwrap();
        store.messages(ann, chat, MessageQuery::last(Limit::default())).await.unwrap();
    }

    let logged = log.text();
    let leaks = leaks("the log", &logged, MARK);
    Trial::of(T12, "hostile contents, stored and read under a recorder at TRACE")
        .times(HOSTILE.len())
        .wrong("logged", leaks.len())
        .record();
    assert_eq!(leaks, [""; 0]);
}

/// A rule of the operator's own, whose violation PostgreSQL reports with the row in its message.
async fn with_a_rule() -> (OnPostgres, DatabaseConnection) {
    let database = OnPostgres::new().await;
    let connection = database.schema().connect().await;
    let rule = "ALTER TABLE messages ADD CHECK (content NOT LIKE 'tweety%')";
    connection.execute_unprepared(rule).await.unwrap();
    (database, connection)
}

#[tokio::test]
async fn a_database_error_quotes_no_value() {
    let (database, _connection) = with_a_rule().await;
    let ann = database.sql_store().ensure_user("ann").await.unwrap();
    let chat = database.sql_store().create(ann, NewConversation::new()).await.unwrap();

    let log = Capture::start();
    let turn = Turn::new([NewMessage::user(secret("content"))]).unwrap();
    let refused = database.sql_store().append(ann, chat.id, turn).await.unwrap_err();

    let source = std::error::Error::source(&refused).map(ToString::to_string);
    let shown = format!("{refused} {refused:?} {source:?}");
    let logged = log.text();
    let wrong = leaks("the log", &logged, CANARY).len() + leaks("the error", &shown, CANARY).len();
    Trial::of(T15, "errors in which PostgreSQL quotes the row")
        .wrong("logged or passed on with a value", wrong)
        .record();
    assert_eq!(source.as_deref(), Some("SQLSTATE 23514 (check_violation)"));
    assert_eq!(wrong, 0, "{shown}");
}

#[tokio::test]
async fn errors_and_logs_of_the_driver_are_noticed() {
    const MARK: &str = "tweety-9d40";
    let (database, connection) = with_a_rule().await;
    let ann = database.sql_store().ensure_user("ann").await.unwrap();
    let chat = database.sql_store().create(ann, NewConversation::new()).await.unwrap();
    let insert = format!(
        "INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
         VALUES ({}, {}, now(), 1, 1, 'user', '{MARK}')",
        ann.get(),
        chat.id,
    );
    let mut talkative = database.schema().options(cluster().url());
    talkative.sqlx_logging(true);
    let talkative = Database::connect(talkative).await.unwrap();

    let passed_on = connection.execute_unprepared(&insert).await.unwrap_err();
    let log = Capture::start();
    talkative.execute_unprepared(&insert).await.unwrap_err();

    let by_error = !leaks("the error", &format!("{passed_on} {passed_on:?}"), MARK).is_empty();
    let by_log = !leaks("the log", &log.text(), MARK).is_empty();
    let caught = usize::from(by_error) + usize::from(by_log);
    control(T12, "the driver's own log, with a content in the statement", usize::from(by_log), 1);
    control(
        T15,
        "the driver's own error, and its own log, with a value in the statement",
        caught,
        2,
    );
    assert_eq!(caught, 2, "{by_error} {by_log}");
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
    let mut connected = Vec::new();
    for url in [&url, &wrong] {
        connected.push(SeaOrmStore::connect(url).await);
    }

    let texts = connected.iter().map(|it| match it {
        Ok(store) => format!("{store:?}"),
        Err(refused) => format!("{refused} {refused:?} {refused:#?}"),
    });
    let shown = texts.collect::<String>();
    let logged = log.text();
    let found = leaks("the log", &logged, CANARY).len() + leaks("Debug", &shown, CANARY).len();
    Trial::of(T15, "connections, with a right password and with a wrong one")
        .times(connected.len())
        .wrong("passwords logged or shown", found)
        .record();
    assert_eq!(found, 0, "{shown}");
    let [Ok(right), Err(_)] = <[_; 2]>::try_from(connected).unwrap() else {
        panic!("the right password connects, and the wrong one does not")
    };
    right.into_connection().close().await.unwrap();
    let drop = format!("DROP ROLE {role}");
    connection.execute_unprepared(&drop).await.unwrap();
}
