//! What the fence costs: round trips, and nothing of the plans.

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Limit, MessageQuery, NewConversation,
    NewMessage, Turn, UserId, conformance::Fixture,
};
use scrollback_proof::{I9, Trial};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait, Value};

use super::Fenced;
use crate::support::{Wire, cluster};

fn turn() -> Turn {
    Turn::new([NewMessage::user("a"), NewMessage::assistant("b")]).unwrap()
}

#[tokio::test]
async fn a_call_is_four_round_trips_and_of_a_host_without_the_fence_one() {
    let database = Fenced::new().await;
    let wire = Wire::start(cluster()).await;
    let ann = database.owner().await;
    let fenced = database.store_at(&wire.url(), 1).await;
    let chat = fenced.create(ann, NewConversation::new()).await.unwrap().id;
    let plain = database.unaware_store_at(&wire.url(), 1).await;
    let limit = Limit::default();

    for (store, expected) in [(&fenced, 4), (&plain, 1)] {
        // Once before, so that it is prepared.
        for warm in [true, false] {
            let start = wire.now();
            store.get(ann, chat).await.ok();
            let get = wire.since(start);
            let start = wire.now();
            store.append(ann, chat, turn()).await.ok();
            let append = wire.since(start);
            let start = wire.now();
            store.messages(ann, chat, MessageQuery::last(limit)).await.ok();
            let messages = wire.since(start);
            for sent in [get, append, messages] {
                assert!(warm || sent.round_trips() == expected, "{sent:?}");
                assert!(warm || sent.statements().len() == expected, "{sent:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_is_read_by_its_index_as_without_the_fence() {
    let database = Fenced::new().await;
    let ann = database.owner().await;
    let chat = database.sql_store().create(ann, NewConversation::new()).await.unwrap().id;
    let (user, id) = (ann.get(), chat.get());
    fill(&database, user, id).await;
    let [messages, listing] = asked_for(&database, ann, chat).await;
    let (nothing, never) = (Value::BigInt(None), Value::ChronoDateTimeUtc(None));
    let page = vec![user.into(), id.into(), nothing.clone(), nothing.clone(), 20_i64.into()];
    let start = vec![user.into(), false.into(), never, nothing, 21_i64.into()];

    let mut read = Vec::new();
    let server = database.as_server().await;
    for mode in ["force_custom_plan", "force_generic_plan"] {
        for (sql, values) in [(&messages, &page), (&listing, &start)] {
            read.push(rows_read(&server, mode, user, sql, values.clone()).await);
        }
    }
    // The page, one row more, and the conversation that history joins with.
    let too_many = read.iter().filter(|rows| **rows > 22).count();
    let most = read.iter().max().unwrap();
    Trial::of(I9, "plans of pages under row level security, custom and generic")
        .times(read.len())
        .wrong("that read more than the page", too_many)
        .figure("most rows read", most)
        .record();
    assert_eq!(too_many, 0, "{most} rows");
}

/// Gives an owner ten thousand conversations, and one of them many messages.
async fn fill(database: &Fenced, user: i64, id: i64) {
    let sql = format!(
        "INSERT INTO conversations (user_id, created_at, updated_at)
         SELECT {user}, now(), now() + n * interval '1 ms' FROM generate_series(1, 9999) AS n;
         INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
         SELECT {user}, {id}, now(), n, 1, 'user', 'x' FROM generate_series(1, 50000) AS n;
         UPDATE conversations SET message_count = 50000 WHERE id = {id}"
    );
    database.as_superuser().await.execute_unprepared(&sql).await.unwrap();
}

/// The statements by which pages of 20 are read: of messages, and of the listing.
async fn asked_for(database: &Fenced, ann: UserId, chat: ConversationId) -> [String; 2] {
    let wire = Wire::start(cluster()).await;
    let store = database.store_at(&wire.url(), 1).await;
    let limit = Limit::new(20).unwrap();
    store.messages(ann, chat, MessageQuery::last(limit)).await.unwrap();
    let messages = asked(&wire);
    store.list(ann, ConversationQuery::new(limit)).await.unwrap();
    [messages, asked(&wire)]
}

/// How many rows a statement touches that is run for an owner.
async fn rows_read(
    server: &DatabaseConnection,
    mode: &str,
    user: i64,
    sql: &str,
    values: Vec<Value>,
) -> u64 {
    let transaction = server.begin().await.unwrap();
    let set = format!(
        "SET LOCAL plan_cache_mode = {mode};
         SELECT set_config('scrollback.owner', '{user}', true)"
    );
    transaction.execute_unprepared(&set).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
    let backend = transaction.get_database_backend();
    let explain = Statement::from_sql_and_values(backend, explain, values);
    let row = transaction.query_one_raw(explain).await.unwrap().unwrap();
    let plan = row.try_get_by_index::<serde_json::Value>(0).unwrap()[0]["Plan"].clone();
    transaction.rollback().await.unwrap();
    crate::plans::rows_read(&plan)
}

/// The statement of the last call, between the naming of the owner and `COMMIT`.
fn asked(wire: &Wire) -> String {
    let sent = wire.since(0);
    let statements = sent.statements();
    statements[statements.len() - 2].to_owned()
}
