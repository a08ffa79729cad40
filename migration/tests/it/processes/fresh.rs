//! All of them start on a database that is empty.

use std::time::Instant;

use scrollback_migration::Users;

use super::crowd::{PROCESSES, Verdict, end, rounds, run, start, until_waiting, wanted};
use crate::{concurrent::hold_lock, database::TestDatabase, pgbouncer::PgBouncer};

#[tokio::test]
async fn of_sixteen_processes_all_succeed_and_one_migrates_on_postgres() {
    let mut verdict = Verdict::default();
    for _ in 0..rounds() {
        let database = TestDatabase::postgres().await;
        lined_up(&mut verdict, &database, &database.url).await;
    }
    verdict.judge("postgres");
}

#[tokio::test]
async fn of_sixteen_processes_all_succeed_and_one_migrates_behind_pgbouncer() {
    let bouncer = PgBouncer::start("session");
    let mut verdict = Verdict::default();
    for _ in 0..rounds() {
        let database = TestDatabase::postgres().await;
        lined_up(&mut verdict, &database, &bouncer.url_for(database.name())).await;
    }
    verdict.judge("behind session pooling");
}

#[tokio::test]
async fn of_sixteen_processes_all_succeed_and_one_migrates_on_sqlite() {
    let mut verdict = Verdict::default();
    for _ in 0..rounds() {
        let database = TestDatabase::sqlite();
        let wanted = wanted(&database, Users::Managed).await;
        let started = Instant::now();

        let outcomes = end(start(&database.url, "managed"));

        verdict.add(outcomes, &wanted, started.elapsed());
    }
    verdict.judge("sqlite");
}

/// Opens the door when all of them stand before it.
async fn lined_up(verdict: &mut Verdict, database: &TestDatabase, url: &str) {
    let (holder, watcher) = (database.connect().await, database.connect().await);
    let wanted = wanted(database, Users::Managed).await;
    hold_lock(&holder).await;
    let processes = start(url, "managed");
    until_waiting(&watcher, PROCESSES).await;
    let opened = Instant::now();
    run(&holder, "ROLLBACK").await;

    let outcomes = end(processes);

    verdict.add(outcomes, &wanted, opened.elapsed());
}
