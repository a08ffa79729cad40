//! F3: the server is restarted by its operator, and ends all sessions, while the application goes on.

use std::time::Duration;

use scrollback::Error;
use scrollback_proof::{F3, Trial, control};
use sea_orm::sqlx::{Connection, PgConnection, raw_sql};
use tokio::task::block_in_place;

use super::{
    bench::{Bench, Crew},
    survivor::Habit,
    told::{Told, median_and_longest, with_faults},
};
use crate::{
    concurrent::{Fault, Place, from_env},
    support::Cluster,
};

const WRITERS: u64 = 8;
const READERS: u64 = 2;

/// A host may have them all at once.
const CONNECTIONS: u32 = (WRITERS + READERS) as u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// `pg_ctl restart -m fast`
    Restart,
    /// `pg_terminate_backend` for every session.
    Sessions,
}

impl End {
    async fn of(self, server: &Cluster) {
        match self {
            Self::Restart => block_in_place(|| server.restart_fast()),
            Self::Sessions => {
                let mut admin = PgConnection::connect(&server.url()).await.unwrap();
                let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
                raw_sql(sql).execute(&mut admin).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_outlives_restarts_under_readers_and_writers() {
    go_on_through(End::Restart, "restarts (`pg_ctl restart -m fast`)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_outlives_all_its_sessions_under_readers_and_writers() {
    go_on_through(End::Sessions, "ends of all sessions (`pg_terminate_backend`)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_take_an_ended_session_for_success_are_found() {
    let server = Cluster::start();
    let mut bench = Bench::over(Place::at(server.url()).await, CONNECTIONS).await;

    let (told, _) = end(End::Sessions, &server, &mut bench, Habit::Credulous, 3).await;

    let faults = bench.faults(&told.history).await;
    let caught = faults.iter().any(|(fault, _)| *fault == Fault::Lost);
    control(F3, "a writer that takes the end of its session for success", caught, 1);
    assert!(caught, "{faults:?}");
}

async fn go_on_through(kind: End, name: &str) {
    let cycles = from_env("SCROLLBACK_RESTARTS").unwrap_or(3);
    let server = Cluster::start();
    let mut bench = Bench::over(Place::at(server.url()).await, CONNECTIONS).await;

    let (told, healed) = end(kind, &server, &mut bench, Habit::Right, cycles).await;
    let faults = bench.audit(told.history.clone()).await;

    let what = format!("{name} under {WRITERS} writers and {READERS} readers");
    let trial = with_faults(Trial::of(F3, what).times(cycles), &faults);
    told.in_trial(trial)
        .figure("reads", told.history.reads.len())
        .figure("writes that failed, per time", per_time(told.count("append"), cycles))
        .figure("reads that failed, per time", per_time(told.count("read "), cycles))
        .figure("first success", median_and_longest(healed))
        .seed(bench.seed)
        .record();
    assert!(faults.is_empty(), "{faults:?}");
    told.assert_clean();
    assert!(told.count("append") > 0, "no write was under way at any time");
    assert!(told.history.reads.len() > cycles, "too few reads to prove anything");
}

fn per_time(errors: usize, cycles: usize) -> String {
    format!("{:.1}", errors as f64 / cycles as f64)
}

fn may_come_of_an_end(error: &Error) -> bool {
    matches!(error, Error::Busy(_) | Error::OutcomeUnknown(_))
}

/// Has everybody go on through so many ends; what they tell, and how long each healing took.
async fn end(
    kind: End,
    server: &Cluster,
    bench: &mut Bench,
    habit: Habit,
    cycles: usize,
) -> (Told, Vec<Duration>) {
    let crew = Crew { writers: WRITERS, readers: READERS, habit, allowed: may_come_of_an_end };
    let crowd = bench.start(&crew);
    let mut healed = Vec::new();
    for _ in 0..cycles {
        crowd.acknowledge(100 + bench.random.below(300)).await;
        kind.of(server).await;
        healed.push(crowd.until_healed().await);
    }
    (crowd.end().await, healed)
}
