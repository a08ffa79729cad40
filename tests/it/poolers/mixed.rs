//! Why such poolers are refused: clients that nobody keeps from using one get rows of each other's
//! statements, without an error.

use std::time::Duration;

use scrollback_proof::{F18, Trial, control, not_run};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use tokio::{task::JoinSet, time::timeout};

use super::raw_client;
use crate::support::{PgBouncer, cluster};

const CLIENTS: i64 = 12;
const QUESTIONS: i64 = 80;

/// One that was mixed up may wait for an answer that never comes.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Rows {
    /// Of the client's own statement.
    right: usize,
    /// Of another client's, or with its parameters.
    wrong: usize,
    /// An error or nothing instead of a row.
    none: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_pooler_that_is_not_refused_mixes_up_statements() {
    let bouncer = PgBouncer::start("transaction");

    let rows = ask(&bouncer.url()).await;

    let defect = format!(
        "raw clients of a transaction pooler that is not refused (PgBouncer {}): {} of {} rows were \
         another client's",
        bouncer.version(),
        rows.wrong,
        rows.wrong + rows.right
    );
    control(F18, &defect, usize::from(rows.wrong > 0), 1);
    assert!(rows.wrong > 0, "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_is_admitted_mixes_up_nothing() {
    keeps_apart("no pooler", &cluster().url()).await;
    keeps_apart("session pooling", &PgBouncer::start("session").url()).await;
    match PgBouncer::start_keeping_apart() {
        Ok(bouncer) => {
            keeps_apart("transaction pooling with prepared statements", &bouncer.url()).await;
        }
        Err(reason) => not_run(F18, reason),
    }
}

async fn keeps_apart(pooling: &str, url: &str) {
    let rows = ask(url).await;

    Trial::of(F18, format!("questions of {CLIENTS} raw clients at once, {pooling}"))
        .times(CLIENTS * QUESTIONS)
        .wrong("rows of another client's statement", rows.wrong)
        .wrong("errors", rows.none)
        .record();
    assert_eq!((rows.wrong, rows.none), (0, 0), "{pooling}");
}

/// Lets the clients ask at once, each its own prepared statement with its own parameters.
async fn ask(url: &str) -> Rows {
    let mut clients = JoinSet::new();
    for number in 1..=CLIENTS {
        clients.spawn(client(url.to_owned(), number));
    }
    let mut all = Rows::default();
    while let Some(rows) = clients.join_next().await {
        let rows = rows.unwrap();
        all.right += rows.right;
        all.wrong += rows.wrong;
        all.none += rows.none;
    }
    all
}

async fn client(url: String, number: i64) -> Rows {
    let mut connection = raw_client(&url).await;
    let mut rows = Rows::default();
    for parameter in 0..QUESTIONS {
        let answer = timeout(PATIENCE, question(&mut connection, number, parameter)).await;
        match answer {
            Ok(Ok(row)) if row == (number, parameter) => rows.right += 1,
            Ok(Ok(_)) => rows.wrong += 1,
            Ok(Err(sqlx::Error::Database(_))) => rows.none += 1,
            _ => {
                rows.none += 1;
                connection = raw_client(&url).await;
            }
        }
    }
    rows
}

async fn question(
    connection: &mut PgConnection,
    number: i64,
    parameter: i64,
) -> Result<(i64, i64), sqlx::Error> {
    let sql = AssertSqlSafe(format!("SELECT {number}::int8, $1::int8"));
    // Every other one without a name: those meet no "exists already".
    let query = sqlx::query_as(sql).persistent(parameter % 2 == 0);
    query.bind(parameter).fetch_one(connection).await
}
