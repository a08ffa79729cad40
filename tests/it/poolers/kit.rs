//! The whole kit behind a pooler that may be trusted.

use std::{sync::Arc, time::Duration};

use scrollback::conformance::{Rule, rules};
use scrollback_proof::{F18, Trial, control, not_run};
use sea_orm::sqlx::{self, Row, postgres::PgRow};
use tokio::time::timeout;

use super::raw_client;
use crate::{database::BehindPgBouncer, support::PgBouncer};

/// Every call has a deadline, so a rule that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kit_passes_behind_session_pooling() {
    passes("session pooling", PgBouncer::start("session")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kit_passes_behind_transaction_pooling_with_prepared_statements() {
    match PgBouncer::start_keeping_apart() {
        Ok(bouncer) => passes("transaction pooling with prepared statements", bouncer).await,
        Err(reason) => not_run(F18, reason),
    }
}

/// The same store, which `SeaOrmStore::connect` would not have opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kit_fails_behind_a_transaction_pooler_that_is_not_refused() {
    let fixture = Arc::new(BehindPgBouncer::new(PgBouncer::start("transaction")).await);

    let broken = broken(&fixture, &rules()[..10]).await;

    let caught = !broken.is_empty();
    control(F18, "the kit behind a transaction pooler that is not refused", caught, 1);
    assert!(caught);
}

async fn passes(pooling: &str, bouncer: PgBouncer) {
    let version = bouncer.version().to_owned();
    let fixture = Arc::new(BehindPgBouncer::new(bouncer).await);

    let broken = broken(&fixture, rules()).await;

    let (transactions, statements) = traffic(fixture.bouncer()).await;
    Trial::of(F18, format!("rules of the kit behind {pooling}, PgBouncer {version}"))
        .times(rules().len())
        .wrong("broken", broken.len())
        .figure("transactions through the pooler", transactions)
        .figure("queries through the pooler", statements)
        .record();
    assert!(broken.is_empty(), "{broken:?}");
    assert!(transactions > 0, "nothing went through the pooler");
}

/// The rules that do not hold, one after the other on one pooler.
async fn broken(fixture: &Arc<BehindPgBouncer>, rules: &'static [Rule]) -> Vec<&'static str> {
    let mut broken = Vec::new();
    for rule in rules {
        let fixture = Arc::clone(fixture);
        let checked =
            tokio::spawn(async move { timeout(LONGEST, rule.check(&*fixture)).await.unwrap() });
        if checked.await.is_err() {
            broken.push(rule.name());
        }
    }
    broken
}

/// How many transactions and queries PgBouncer has passed on.
async fn traffic(bouncer: &PgBouncer) -> (u64, u64) {
    let mut console = raw_client(&bouncer.url_for("pgbouncer")).await;
    let rows = sqlx::raw_sql("SHOW STATS").fetch_all(&mut console).await.unwrap();
    let served = rows.iter().filter(|row| row.get_unchecked::<&str, _>("database") == "postgres");
    served.fold((0, 0), |(transactions, queries), row| {
        (transactions + total(row, "xact"), queries + total(row, "query"))
    })
}

fn total(row: &PgRow, of: &str) -> u64 {
    let text: &str = row.get_unchecked(&*format!("total_{of}_count"));
    text.parse().unwrap()
}
