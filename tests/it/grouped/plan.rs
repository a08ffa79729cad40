//! What a shared statement reads: the conversations and keys of its calls, whatever the planner knows.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::Value as Json;

use super::bench::{Bench, SHARED, keyed, turn};
use crate::{
    plans::rows_read,
    support::{Wire, cluster},
};

/// Many conversations, each with a message under a key, and no statistics.
async fn crowded(connection: &DatabaseConnection, owner: i64) {
    let sql = format!(
        "ALTER TABLE conversations SET (autovacuum_enabled = off);
         ALTER TABLE messages SET (autovacuum_enabled = off);
         WITH new AS (
           INSERT INTO conversations (user_id, created_at, updated_at, message_count)
           SELECT {owner}, now(), now(), 1 FROM generate_series(1, 20000) RETURNING id)
         INSERT INTO messages
           (user_id, conversation_id, created_at, position, turn_index, role, content, turn_key)
         SELECT {owner}, id, now(), 1, 1, 'user', 'x', 'first' FROM new"
    );
    connection.execute_unprepared(&sql).await.unwrap();
}

/// Sixteen values of an array.
fn array(item: impl Fn(i64) -> String) -> String {
    format!("'{{{}}}'", (0..16).map(item).collect::<Vec<_>>().join(","))
}

/// The plan of the statement for two turns in each of eight conversations, every second with a key.
async fn plan(session: &DatabaseConnection, sql: &str, owner: i64, first: i64) -> Json {
    let same = |item: &str| array(|_| item.to_owned());
    let values = [
        same(&owner.to_string()),
        array(|n| (first + n / 2).to_string()),
        array(|n| if n % 2 == 0 { "\"\"".to_owned() } else { format!("k{n}") }),
        same("-1"),
        same("1"),
        array(|n| (n + 1).to_string()),
        same("1"),
        same("user"),
        same("text"),
        same("\"\""),
    ];
    let types = "bigint[], bigint[], text[], int[], int[], bigint[], int[], text[], text[], text[]";
    let prepare = format!("DEALLOCATE ALL; PREPARE shared ({types}) AS {sql}");
    session.execute_unprepared(&prepare).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE shared ({})", values.join(", "));
    let row = session.query_one_raw(Statement::from_string(DbBackend::Postgres, explain));
    row.await.unwrap().unwrap().try_get_by_index::<Json>(0).unwrap()[0]["Plan"].clone()
}

/// Where the plan reads a table without an index.
fn sequential(plan: &Json) -> bool {
    let below = plan["Plans"].as_array().is_some_and(|plans| plans.iter().any(sequential));
    below || plan["Node Type"] == "Seq Scan"
}

#[tokio::test]
async fn a_shared_statement_reads_its_own_conversations_and_keys_by_index() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let (one, other) = (bench.chat().await, bench.chat().await);
    let calls = [bench.append(one, turn("a")), bench.append(other, keyed("b", "k"))];
    bench.together(calls).await;
    let traffic = wire.since(0);
    let sql = *traffic.statements().iter().find(|sql| sql.starts_with(SHARED)).unwrap();
    crowded(&bench.admin, bench.ann.get()).await;

    let options = bench.database.schema().options(cluster().url()).max_connections(1).to_owned();
    let session = Database::connect(options).await.unwrap();
    let mut first = other.get() + 100;
    for statistics in ["SELECT 1", "ANALYZE conversations, messages"] {
        session.execute_unprepared(statistics).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            session.execute_unprepared(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
            first += 10;
            let plan = plan(&session, sql, bench.ann.get(), first).await;

            // The arrays, what is made of them, and for each conversation and key a row or two.
            let read = rows_read(&plan);
            assert!(read < 300, "{read} rows, {statistics}, {mode}:\n{plan:#}");
            assert!(!sequential(&plan), "{statistics}, {mode}:\n{plan:#}");
        }
    }
}
