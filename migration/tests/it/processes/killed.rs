//! The process that migrates is killed in the middle of it.

use std::{process::Child, time::Instant};

use scrollback_migration::Users;
use scrollback_proof::{F13, Trial};
use sea_orm_migration::sea_orm::DatabaseConnection;

use super::crowd::{PROCESSES, Verdict, end, rounds, run, start, until_waiting, wanted};
use crate::{
    concurrent::hold_lock,
    database::{TestDatabase, texts},
};

#[tokio::test]
async fn when_the_process_that_migrates_is_killed_the_others_finish() {
    let (mut verdict, mut killed) = (Verdict::default(), 0);
    for _ in 0..rounds() {
        killed += round(&mut verdict).await;
    }
    Trial::of(F13, "processes killed while they hold the lock and have begun to migrate")
        .times(killed)
        .wrong("others that failed", verdict.failures.len())
        .record();
    verdict.judge("the one that migrates is killed");
}

/// Stops the first at the users table, which the tables refer to, and kills it there.
async fn round(verdict: &mut Verdict) -> usize {
    let database = TestDatabase::postgres().await;
    let (door, stop, watcher) =
        (database.connect().await, database.connect().await, database.connect().await);
    run(&watcher, "CREATE TABLE people (id bigint PRIMARY KEY)").await;
    let wanted = wanted(&database, Users::existing("people", "id")).await;
    hold_lock(&door).await;
    let mut processes = start(&database.url, "existing:people.id");
    until_waiting(&watcher, PROCESSES).await;
    run(&stop, "BEGIN; LOCK TABLE people IN ROW EXCLUSIVE MODE").await;
    run(&door, "ROLLBACK").await;

    let mut victim = processes.swap_remove(stopped(&watcher).await);
    kill(&mut victim);
    let killed = Instant::now();
    run(&stop, "ROLLBACK").await;

    let outcomes = end(processes);
    verdict.add(outcomes, &wanted, killed.elapsed());
    1
}

/// The number of the process that waits for the users table.
async fn stopped(watcher: &DatabaseConnection) -> usize {
    let waiting = "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
                    WHERE relation = 'people'::regclass AND NOT granted";
    loop {
        if let Some(number) = texts(watcher, waiting).await.first() {
            return number.parse().expect("its number is its name");
        }
    }
}

fn kill(process: &mut Child) {
    process.kill().expect("it has not ended");
    let status = process.wait().expect("it can be waited for");
    assert!(!status.success(), "it ended before it was killed");
}
