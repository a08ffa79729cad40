//! Which poolers are refused, by the preflight and by connecting.

use scrollback::{
    Connect, Error, SeaOrmStore,
    preflight::{Pooler, Preflight, Problem},
};
use scrollback_proof::{F18, Trial, not_run};
use sea_orm::DatabaseConnection;
use tokio::task::JoinHandle;

use crate::support::PgBouncer;

const TIMES: usize = 10;

async fn open(url: &str) -> DatabaseConnection {
    Connect::new(url).expect("the URL can be read").open().await.expect("the server answers")
}

/// Others keep taking server connections, and those who asked before left statements on them.
async fn traffic(bouncer: &PgBouncer) -> JoinHandle<()> {
    let others = open(&bouncer.url()).await;
    tokio::spawn(async move { while others.ping().await.is_ok() {} })
}

async fn preflights(bouncer: &PgBouncer) -> Vec<Preflight> {
    let (connection, traffic) = (open(&bouncer.url()).await, traffic(bouncer).await);
    let mut reports = Vec::new();
    for _ in 0..TIMES {
        reports.push(Preflight::of(&connection, &[]).await.unwrap());
    }
    traffic.abort();
    reports
}

fn others_than(pooler: Pooler, reports: &[Preflight]) -> usize {
    reports.iter().filter(|report| report.pooler != pooler).count()
}

#[tokio::test]
async fn session_pooling_is_as_good_as_none() {
    let bouncer = PgBouncer::start("session");

    let reports = preflights(&bouncer).await;

    let others = others_than(Pooler::NoneOrSession, &reports);
    Trial::of(F18, "preflights behind session pooling")
        .times(TIMES)
        .wrong("refused", others)
        .record();
    assert_eq!(others, 0, "{reports:?}");
}

#[tokio::test]
async fn transaction_pooling_is_refused_by_the_preflight_when_it_mixes_up_statements() {
    let bouncer = PgBouncer::start("transaction");

    let reports = preflights(&bouncer).await;

    let refused = |report: &&Preflight| report.problems() == [Problem::UnsafePooler];
    let admitted = TIMES - reports.iter().filter(refused).count();
    Trial::of(
        F18,
        format!("preflights behind transaction pooling, PgBouncer {}", bouncer.version()),
    )
    .times(TIMES)
    .wrong("not refused", admitted)
    .record();
    assert_eq!(admitted, 0, "{reports:?}");
    let text = reports[0].check().unwrap_err().to_string();
    assert!(text.contains("max_prepared_statements"), "{text}");
}

#[tokio::test]
async fn transaction_pooling_is_refused_by_connecting_when_it_mixes_up_statements() {
    let bouncer = PgBouncer::start("transaction");
    let traffic = traffic(&bouncer).await;

    let mut admitted = Vec::new();
    for _ in 0..TIMES {
        match SeaOrmStore::connect(&bouncer.url()).await {
            Err(Error::Setup { problem, .. }) if problem.contains("max_prepared_statements") => {}
            other => admitted.push(other),
        }
    }

    traffic.abort();
    Trial::of(
        F18,
        format!("connects through transaction pooling, PgBouncer {}", bouncer.version()),
    )
    .times(TIMES)
    .wrong("not refused", admitted.len())
    .record();
    assert!(admitted.is_empty(), "{admitted:?}");
}

#[tokio::test]
async fn transaction_pooling_that_keeps_statements_apart_is_admitted() {
    let bouncer = match PgBouncer::start_keeping_apart() {
        Ok(bouncer) => bouncer,
        Err(reason) => return not_run(F18, reason),
    };

    let reports = preflights(&bouncer).await;
    let connected = SeaOrmStore::connect(&bouncer.url()).await;

    let others = others_than(Pooler::TransactionSafe, &reports);
    let what = "preflights behind transaction pooling with prepared statements";
    Trial::of(F18, what).times(TIMES).wrong("refused or not seen", others).record();
    assert_eq!(others, 0, "{reports:?}");
    assert!(reports[0].check().is_ok());
    assert!(connected.is_ok(), "{connected:?}");
}

#[tokio::test]
async fn statement_pooling_is_refused() {
    let bouncer = PgBouncer::start("statement");

    let report = Preflight::of(&open(&bouncer.url()).await, &[]).await.unwrap();

    assert_eq!(report.problems(), [Problem::UnsafePooler]);
}
