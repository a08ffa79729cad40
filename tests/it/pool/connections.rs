//! When connections are opened, kept, given up and closed.

use std::time::Duration;

use futures_util::future::join_all;
use scrollback::{Connect, Pool};
use sea_orm::{DbErr, RuntimeErr, TransactionTrait};
use tokio::time::timeout;

use super::{Named, number, watcher};
use crate::support::{Wire, cluster};

const ONE: &str = "SELECT 1::int8";

/// Round trips that nothing was asked in, for ten statements one after the other.
async fn pings(open: impl AsyncFn(Connect) -> Pool) -> usize {
    let wire = Wire::start(cluster()).await;
    let pool = open(Connect::new(&wire.url()).unwrap().with_max_connections(1)).await;
    number(&pool, ONE).await.unwrap();
    let start = wire.now();
    for _ in 0..10 {
        number(&pool, ONE).await.unwrap();
    }
    wire.since(start).pings()
}

#[tokio::test]
async fn a_statement_is_all_that_is_sent() {
    let ours = pings(async |connect| Pool::open(connect).await.unwrap()).await;
    let sea_orms = pings(async |connect| connect.open().await.unwrap().into()).await;

    assert_eq!(ours, 0);
    assert!(sea_orms >= 9, "the wire would not show pings: {sea_orms}");
}

#[tokio::test]
async fn there_are_never_more_connections_than_allowed() {
    let (named, watcher) = (Named::new("most", 3), watcher().await);
    let pool = named.open().await;

    let sleep = "SELECT 1::int8 FROM pg_sleep(0.01)";
    let answers = join_all((0..30).map(|_| number(&pool, sleep))).await;

    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((pool.size(), pool.idle()), (3, 3));
    assert_eq!(named.sessions(&watcher, "").await, 3);
}

#[tokio::test]
async fn a_call_that_waits_too_long_for_a_connection_says_so() {
    let mut named = Named::new("wait", 1);
    named.connect = named.connect.with_acquire_timeout(Duration::from_secs(1));
    let pool = named.open().await;
    let held = pool.begin().await.unwrap();

    let late = number(&pool, ONE).await;

    assert!(matches!(late, Err(DbErr::ConnectionAcquire(_))), "{late:?}");
    held.rollback().await.unwrap();
    assert_eq!(number(&pool, ONE).await.unwrap(), 1);
}

#[tokio::test]
async fn a_dropped_call_takes_its_connection_along_and_nobody_elses() {
    let (named, watcher) = (Named::new("dropped", 1), watcher().await);
    let pool = named.open().await;
    let before = number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap();

    let asleep = number(&pool, "SELECT 1::int8 FROM pg_sleep(600)");
    let seen = named.until_sessions(&watcher, "active", 1);
    tokio::select! {
        _ = asleep => panic!("it sleeps"),
        () = seen => {}
    }
    let after = number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap();

    assert_ne!(before, after);
    let end = format!("SELECT count(*) FROM (SELECT pg_terminate_backend({before}::int)) AS ended");
    number(&watcher, &end).await.unwrap();
}

#[tokio::test]
async fn a_refused_statement_keeps_its_connection() {
    let pool = Named::new("refused", 1).open().await;
    let before = number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap();

    for wrong in ["SELECT nothing", "SELECT 1::int8 / 0", "nonsense"] {
        let refused = number(&pool, wrong).await.unwrap_err();
        assert!(matches!(refused, DbErr::Query(RuntimeErr::SqlxError(_))), "{refused:?}");
    }

    assert_eq!(number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap(), before);
}

#[tokio::test]
async fn what_nobody_uses_is_closed() {
    let (mut named, watcher) = (Named::new("unused", 2), watcher().await);
    named.connect = named.connect.with_max_idle(Duration::from_millis(1));
    let pool = named.open().await;
    assert_eq!(number(&pool, ONE).await.unwrap(), 1);

    named.until_sessions(&watcher, "", 0).await;

    assert_eq!(pool.size(), 0);
    assert_eq!(number(&pool, ONE).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_too_old_is_replaced() {
    let mut named = Named::new("old", 1);
    named.connect = named.connect.with_max_lifetime(Duration::ZERO);
    let pool = named.open().await;

    let first = number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap();
    let second = number(&pool, "SELECT pg_backend_pid()::int8").await.unwrap();

    assert_ne!(first, second);
}

#[tokio::test]
async fn a_closed_pool_has_let_calls_end_and_takes_no_more() {
    let (named, watcher) = (Named::new("closed", 2), watcher().await);
    let pool = named.open().await;
    let held = pool.begin().await.unwrap();

    let closing = pool.clone().close();
    tokio::pin!(closing);
    let early = timeout(Duration::from_millis(20), &mut closing).await;
    assert!(early.is_err(), "a transaction was open");
    assert_eq!(number(&held, ONE).await.unwrap(), 1);
    let refused = number(&pool, ONE).await;
    held.rollback().await.unwrap();
    closing.await.unwrap();

    assert!(matches!(refused, Err(DbErr::ConnectionAcquire(_))), "{refused:?}");
    named.until_sessions(&watcher, "", 0).await;
}

#[tokio::test]
async fn neither_pool_nor_transaction_shows_a_password() {
    let pool = Named::new("shown", 1).open().await;
    let transaction = pool.begin().await.unwrap();

    let shown = format!("{pool:?} {transaction:?}");

    assert!(shown.starts_with("Pool(Direct("), "{shown}");
    assert!(!shown.contains("password") && !shown.contains("127.0.0.1"), "{shown}");
}
