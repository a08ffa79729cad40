//! The controls: the same list without our lock, as SeaORM's own migrator applies it, and a record
//! of what was applied that is lost.

use std::time::Instant;

use scrollback_migration::{Migrator, Tables, Users};
use scrollback_proof::{F13, control};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};
use tokio::task::JoinSet;

use super::crowd::{Outcome, PROCESSES, Verdict, end, run, start, until_waiting};
use crate::database::TestDatabase;

struct Unlocked(Migrator);

impl MigratorTraitSelf for Unlocked {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.0.migrations()
    }
}

#[tokio::test]
async fn without_a_lock_some_of_sixteen_fail() {
    let database = TestDatabase::postgres().await;
    let (holder, watcher) = (database.connect().await, database.connect().await);
    // Whoever makes a table of that name waits for the end of this transaction.
    run(&holder, "BEGIN; CREATE TABLE seaql_migrations (id int)").await;
    let mut runs = JoinSet::new();
    for _ in 0..PROCESSES {
        let db = database.connect().await;
        runs.spawn(async move {
            let list = Unlocked(Migrator::new(Tables::default(), Users::Managed));
            match list.up(&db, None).await {
                Ok(()) => Outcome::Applied(Vec::new()),
                Err(error) => Outcome::Failed(error.to_string()),
            }
        });
    }
    until_waiting(&watcher, PROCESSES).await;
    let opened = Instant::now();
    run(&holder, "ROLLBACK").await;

    let mut verdict = Verdict::default();
    verdict.add(runs.join_all().await, &[], opened.elapsed());

    let caught = !verdict.failures.is_empty();
    let defect = format!(
        "{PROCESSES} runs of the same list without the lock, by SeaORM's own migrator: {} failed",
        verdict.failures.len()
    );
    control(F13, &defect, caught, 1);
    assert!(caught, "{verdict:?}");
}

#[tokio::test]
async fn a_migration_that_is_applied_again_is_found() {
    let database = TestDatabase::postgres().await;
    let started = Instant::now();

    let mut outcomes = end(start(&database.url, "managed"));
    let migrator = Migrator::new(Tables::default(), Users::Managed);
    migrator.down(&database.connect().await).await.unwrap();
    outcomes.extend(end(start(&database.url, "managed")));

    let mut verdict = Verdict::default();
    verdict.add(outcomes, &[], started.elapsed());
    let caught = !verdict.doubled.is_empty();
    control(F13, "a record of what was applied that is lost while processes migrate", caught, 1);
    assert!(caught, "{verdict:?}");
}
