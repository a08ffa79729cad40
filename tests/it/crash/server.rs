//! F2: the server crashes, in three ways, while the application goes on.

use std::time::Duration;

use scrollback::Error;
use scrollback_proof::{F2, Trial, control, not_run};
use sea_orm::sqlx::{Connection, PgConnection, query_scalar, raw_sql};
use tokio::task::block_in_place;

use super::{
    bench::{Bench, Crew, until_gone, until_up},
    damage::{Damage, damage},
    survivor::Habit,
    told::{Told, median_and_longest, with_faults},
};
use crate::{
    concurrent::{Fault, Place, from_env},
    support::Cluster,
};

const WRITERS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_crash_of_the_server() {
    let cycles = from_env("SCROLLBACK_CRASH_RESTARTS").unwrap_or(3);
    let server = Cluster::start();
    let mut bench = Bench::over(Place::at(server.url()).await, WRITERS as u32).await;

    let (told, healed) = crash(&server, &mut bench, cycles).await;
    let faults = bench.audit(told.history.clone()).await;
    let damage = damage(&server.url()).await;

    let what = format!(
        "crashes under {WRITERS} writers: `stop -m immediate`, SIGKILL of all processes, SIGKILL of one backend"
    );
    let trial = with_faults(Trial::of(F2, what).times(cycles), &faults);
    let trial = told
        .in_trial(trial)
        .figure("first success after the server is up", median_and_longest(healed))
        .seed(bench.seed);
    match &damage {
        Ok(damage) => trial
            .wrong("findings of amcheck", damage.found.len())
            .figure("tables and indexes it looked at", damage.looked_at)
            .record(),
        Err(reason) => {
            trial.record();
            not_run(F2, format!("damage to tables and indexes after a crash: {reason}"));
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
    told.assert_clean();
    assert!(told.count("outcome_unknown") > 0, "no write was under way in any crash");
    assert!(damage.iter().all(|damage| damage.found.is_empty()), "{damage:?}");
}

/// Commits that wait for nothing are lost in a crash, and the check sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_do_not_wait_are_found() {
    let server = Cluster::start();
    let mut bench = Bench::over(Place::at(server.url()).await, WRITERS as u32).await;
    let mut admin = PgConnection::connect(&server.url()).await.unwrap();
    let sql = "ALTER DATABASE postgres SET synchronous_commit = off";
    raw_sql(sql).execute(&mut admin).await.unwrap();
    bench.store = bench.place.open(WRITERS as u32).await;

    let (told, _) = crash(&server, &mut bench, 3).await;

    let faults = bench.faults(&told.history).await;
    let caught = faults.iter().any(|(fault, _)| *fault == Fault::Lost);
    control(F2, "`synchronous_commit = off`", caught, 1);
    assert!(caught, "{faults:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_page_is_found() {
    let server = Cluster::start();
    Bench::over(Place::at(server.url()).await, 1).await;
    let path = Damage::page_of(&server.url(), "conversations").await;
    block_in_place(|| {
        server.stop_immediate();
        Damage::to(&path);
        server.restart();
    });

    let caught = match damage(&server.url()).await {
        Ok(damage) => !damage.found.is_empty(),
        Err(reason) => return not_run(F2, format!("a page damaged by hand: {reason}")),
    };

    control(F2, "a line pointer overwritten in a table's first page", caught, 1);
    assert!(caught);
}

fn may_come_of_a_crash(error: &Error) -> bool {
    matches!(error, Error::Busy(_) | Error::OutcomeUnknown(_))
}

/// Has everybody write through so many crashes; what they tell, and how long each healing took.
async fn crash(server: &Cluster, bench: &mut Bench, cycles: usize) -> (Told, Vec<Duration>) {
    let crew =
        Crew { writers: WRITERS, readers: 0, habit: Habit::Right, allowed: may_come_of_a_crash };
    let crowd = bench.start(&crew);
    let mut healed = Vec::new();
    for cycle in 0..cycles {
        // Enough for all connections to be open and in use.
        crowd.acknowledge(200 + bench.random.below(600)).await;
        match cycle % 3 {
            0 => block_in_place(|| {
                server.stop_immediate();
                server.restart();
            }),
            1 => block_in_place(|| {
                server.kill();
                server.restart();
            }),
            _ => kill_a_backend(server).await,
        }
        until_up(&server.url()).await;
        healed.push(crowd.until_healed().await);
    }
    (crowd.end().await, healed)
}

/// The server takes the death of one for a sign of damaged memory: it ends all, and recovers.
async fn kill_a_backend(server: &Cluster) {
    let mut session = PgConnection::connect(&server.url()).await.unwrap();
    let backend = "SELECT pid FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1";
    let backend: i32 = query_scalar(backend).fetch_one(&mut session).await.unwrap();
    block_in_place(|| server.kill_one(backend));
    until_gone(session).await;
}
