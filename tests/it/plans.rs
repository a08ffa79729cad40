//! What the databases read to answer a page: the page, from large tables, whatever the planner knows.

use std::collections::BTreeSet;

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, ConversationUpdate, Limit, MessageQuery,
    NewConversation, Position, SeaOrmStore, SessionId, Tables, UserId, Users, conformance::Fixture,
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, Value};
use serde_json::Value as Json;

use crate::{
    database::OnPostgres,
    support::{Capture, Wire, cluster},
};

/// The page that is asked for, and one row that shows whether there is another page.
const PAGE: i64 = 20;
const READS: u64 = 21;

/// 10,000 conversations of one owner, one of them with 100,000 messages, and no statistics.
async fn crowded(
    database: &OnPostgres,
    connection: &DatabaseConnection,
    owner: UserId,
) -> ConversationId {
    let chat = database.sql_store().create(owner, NewConversation::new()).await.unwrap().id;
    let (user, id) = (owner.get(), chat.get());
    let sql = format!(
        "ALTER TABLE conversations SET (autovacuum_enabled = off);
         ALTER TABLE messages SET (autovacuum_enabled = off);
         INSERT INTO conversations (user_id, created_at, updated_at, session_id)
         SELECT {user}, now(), now() + n * interval '1 ms', 'session-' || n FROM generate_series(1, 9999) AS n;
         INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
         SELECT {user}, {id}, now(), n, 1, 'user', repeat('x', 200) FROM generate_series(1, 100000) AS n;
         UPDATE conversations SET message_count = 100000 WHERE user_id = {user} AND id = {id}"
    );
    connection.execute_unprepared(&sql).await.unwrap();
    chat
}

/// The rows that the scans of a plan have touched, kept or not.
pub(crate) fn rows_read(plan: &Json) -> u64 {
    let of = |name| plan[name].as_f64().unwrap_or_default() as u64;
    let here =
        of("Actual Rows") + of("Rows Removed by Filter") + of("Rows Removed by Index Recheck");
    let scans = plan["Node Type"].as_str().is_some_and(|kind| kind.ends_with("Scan"));
    let below: u64 = plan["Plans"].as_array().map_or(0, |plans| plans.iter().map(rows_read).sum());
    below + if scans { here * of("Actual Loops") } else { 0 }
}

async fn explain(connection: &DatabaseConnection, sql: &str, values: &[Value]) -> Json {
    let sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values.to_vec());
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index::<Json>(0).unwrap()[0]["Plan"].clone()
}

/// The statement that the last call of the store has sent.
fn last_statement(wire: &Wire) -> String {
    wire.since(0).statements().last().expect("the store sends statements").to_string()
}

#[tokio::test]
async fn postgres_reads_the_page_and_nothing_else() {
    let database = OnPostgres::new().await;
    let connection = database.schema().connect().await;
    let wire = Wire::start(cluster()).await;
    let (store, ann) = (database.store_at(&wire.url(), 1).await, database.owner().await);
    let chat = crowded(&database, &connection, ann).await;
    let limit = Limit::new(PAGE as u32).unwrap();
    let (user, id): (Value, Value) = (ann.get().into(), chat.get().into());
    let (none, page): (Value, Value) = (Value::BigInt(None), PAGE.into());

    let mut questions = Vec::new();
    store.messages(ann, chat, MessageQuery::last(limit)).await.unwrap();
    let messages = last_statement(&wire);
    for (after, up_to) in
        [(None, None), (None, Some(50_000_i64)), (Some(50_000_i64), None), (Some(0), None)]
    {
        let values = vec![user.clone(), id.clone(), after.into(), up_to.into(), page.clone()];
        questions.push((messages.clone(), values));
    }
    let first = store.list(ann, ConversationQuery::new(limit)).await.unwrap();
    let rows: Value = (PAGE + 1).into();
    let start =
        vec![user.clone(), false.into(), Value::ChronoDateTimeUtc(None), none, rows.clone()];
    questions.push((last_statement(&wire), start));
    let (time, last) = first.items.last().map(|chat| (chat.updated_at, chat.id.get())).unwrap();
    let deep = vec![user.clone(), false.into(), time.into(), last.into(), rows];
    questions.push((last_statement(&wire), deep.clone()));
    let second =
        store.list(ann, ConversationQuery::new(limit).at(first.next.unwrap())).await.unwrap();
    store.list(ann, ConversationQuery::new(limit).at(second.previous.unwrap())).await.unwrap();
    questions.push((last_statement(&wire), deep));
    store.find_session(ann, &SessionId::new("session-77").unwrap()).await.unwrap();
    questions.push((last_statement(&wire), vec![user.clone(), "session-77".into()]));
    // Of another version, so that nothing is changed and every question finds the same.
    let expected: Value = chrono::DateTime::UNIX_EPOCH.into();
    let (nothing, unset) = (Value::String(None), Value::Bool(None));
    let mut changes = vec![user.clone(), id.clone(), false.into(), nothing.clone(), unset];
    changes.extend([false.into(), nothing, expected.clone()]);
    let any = store.create(ann, NewConversation::new()).await.unwrap().id;
    store.update(ann, any, ConversationUpdate::new()).await.unwrap();
    questions.push((last_statement(&wire), changes));
    store.delete(ann, any, None).await.unwrap();
    questions.push((last_statement(&wire), vec![user, id, expected]));

    let session = database.schema().options(cluster().url()).max_connections(1).to_owned();
    let session = Database::connect(session).await.unwrap();
    for statistics in ["SELECT 1", "ANALYZE conversations, messages"] {
        session.execute_unprepared(statistics).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            session.execute_unprepared(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
            for (sql, values) in &questions {
                let plan = explain(&session, sql, values).await;
                let read = rows_read(&plan);
                // One more for the conversation that history joins with.
                assert!(read <= READS + 1, "{read} rows, {statistics}, {mode}:\n{sql}\n{plan:#}");
            }
        }
    }
}

#[tokio::test]
async fn sqlite_searches_by_index_and_sorts_nothing() {
    // Names of its own, so that no other test's statements are taken for these.
    let tables = Tables::default().with_prefix("planned_").unwrap();
    let connection = Database::connect("sqlite::memory:").await.unwrap();
    let store = SeaOrmStore::new(connection.clone()).with_tables(tables);
    store.migrate(&Users::Unchecked).await.unwrap();
    let (ann, session) = (UserId::new(1), SessionId::new("s").unwrap());
    let chat =
        store.create(ann, NewConversation::new().with_session(session.clone())).await.unwrap();
    store.create(ann, NewConversation::new()).await.unwrap();
    let one = Limit::new(1).unwrap();

    let logged = Capture::start();
    store.get(ann, chat.id).await.unwrap();
    store.find_session(ann, &session).await.unwrap();
    store.messages(ann, chat.id, MessageQuery::before(Position::FIRST, one)).await.unwrap();
    let first = store.list(ann, ConversationQuery::new(one)).await.unwrap();
    let second =
        store.list(ann, ConversationQuery::new(one).at(first.next.unwrap())).await.unwrap();
    store.list(ann, ConversationQuery::new(one).at(second.previous.unwrap())).await.unwrap();
    let update = ConversationUpdate::new().with_expected_version(chat.version());
    let chat = store.update(ann, chat.id, update).await.unwrap();
    store.delete(ann, chat.id, Some(chat.version())).await.unwrap();

    let log = logged.text();
    let statements = logged_statements(&log);
    assert_eq!(statements.len(), 7, "{statements:#?}");
    for sql in statements {
        let explain =
            Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        for row in connection.query_all_raw(explain).await.unwrap() {
            let step: String = row.try_get("", "detail").unwrap();
            assert!(step.starts_with("SEARCH") && step.contains("USING"), "{step}:\n{sql}");
        }
    }
}

/// The different statements of that test in the driver's log.
fn logged_statements(text: &str) -> BTreeSet<&str> {
    text.split("db.statement=")
        .filter_map(|rest| rest.split_once(" rows_affected="))
        .map(|(sql, _)| sql.trim())
        .filter(|sql| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb)))
        .filter(|sql| sql.contains("planned_"))
        .collect()
}
