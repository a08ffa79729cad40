use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use scrollback_migration::{MigrateError, Migrator, Result, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::database::{TestDatabase, texts};

fn migrator() -> Migrator {
    Migrator::new(Tables::default(), Users::Managed)
}

/// Opens a transaction that holds the lock of a run, exactly as a run does.
pub(crate) async fn hold_lock(db: &DatabaseConnection) {
    let sql = migrator().sql(db.get_database_backend()).expect("the names are good");
    let until = match db.get_database_backend() {
        DbBackend::Postgres => "pg_advisory_xact_lock",
        _ => "BEGIN IMMEDIATE",
    };
    let start = sql.find(until).expect("a run begins with its lock");
    let end = sql[start..].find('\n').expect("the script has a line for each statement");
    db.execute_unprepared(&sql[..start + end]).await.expect("nobody else holds the lock");
}

/// Lets eight run `up` at the same moment, each on a connection that has executed `prepare`.
async fn eight_at_once(database: &TestDatabase, prepare: &str) -> Vec<Result<Vec<String>>> {
    let start = Arc::new(Barrier::new(8));
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let (db, start) = (database.connect().await, Arc::clone(&start));
        db.execute_unprepared(prepare).await.expect("the statement is good");
        runs.spawn(async move {
            start.wait().await;
            migrator().up(&db).await
        });
    }
    runs.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_that_start_at_once_all_succeed_and_one_migrates() {
    for database in TestDatabase::both().await {
        let outcomes = eight_at_once(&database, "SELECT 1").await;

        let applied: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        assert_eq!(applied.iter().filter(|names| names.len() == 2).count(), 1, "{applied:?}");
        assert_eq!(applied.iter().filter(|names| names.is_empty()).count(), 7, "{applied:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_succeed_even_where_transactions_are_serializable_by_default() {
    let database = TestDatabase::postgres().await;

    let serializable = "SET default_transaction_isolation = 'serializable'";
    let outcomes = eight_at_once(&database, serializable).await;

    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

#[tokio::test]
async fn waiting_for_somebody_elses_run_ends_with_an_error() {
    for database in TestDatabase::both().await {
        let (holder, db) = (database.connect().await, database.connect().await);
        hold_lock(&holder).await;
        // Otherwise SQLite's own patience of five seconds counts.
        let _ = db.execute_unprepared("PRAGMA busy_timeout = 50").await;
        let started = Instant::now();

        let outcome = migrator().with_wait(Duration::from_millis(300)).up(&db).await;

        assert_eq!(outcome, Err(MigrateError::LockTimeout));
        assert!(started.elapsed() >= Duration::from_millis(250), "{:?}", started.elapsed());
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_run_goes_on_when_the_one_before_it_is_killed() {
    let database = TestDatabase::postgres().await;
    let (holder, db, third) =
        (database.connect().await, database.connect().await, database.connect().await);
    hold_lock(&holder).await;
    let waiting = tokio::spawn(async move { migrator().up(&db).await });
    sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());

    let kill = "SELECT pg_terminate_backend(pid)::text FROM pg_locks
                 WHERE locktype = 'advisory' AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(texts(&third, kill).await, ["true"]);

    let applied = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap().unwrap();
    assert_eq!(applied.len(), 2);
}

/// Drops `work` while it waits for the `polls`th time.
async fn give_up(work: impl Future, polls: usize) {
    let (mut work, mut polls) = (pin!(work), polls);
    poll_fn(|context| {
        let ready = work.as_mut().poll(context).map(drop);
        polls = polls.saturating_sub(1);
        if polls == 0 { Poll::Ready(()) } else { ready }
    })
    .await;
}

#[tokio::test]
async fn an_up_that_is_given_up_leaves_the_pool_usable() {
    for database in TestDatabase::both().await {
        let (db, other) = (database.connect().await, database.connect().await);
        db.execute_unprepared("CREATE TABLE proof (round integer)").await.unwrap();
        for round in 1..=20 {
            give_up(migrator().up(&db), round).await;

            let insert = format!("INSERT INTO proof VALUES ({round})");
            db.execute_unprepared(&insert).await.unwrap();

            // A write that joined a transaction nobody ends would be lost.
            let seen = format!("SELECT CAST(round AS text) FROM proof WHERE round = {round}");
            assert_eq!(texts(&other, &seen).await, [round.to_string()]);
            migrator().down(&db).await.unwrap();
        }
    }
}
