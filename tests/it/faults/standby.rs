//! F9: the server dies, its standby answers in its place, and is promoted.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Instant,
};

use scrollback_proof::{F9, Trial, control};

use super::{
    failover::{Failover, Outcome, Phase, Told, since, until},
    rounds,
};

const WRITERS: usize = 4;

/// What a failover has shown.
struct Shown {
    told: Arc<Told>,
    outcome: Outcome,
    /// From the promotion to the first acknowledgement.
    recovery: String,
}

/// Has the writers acknowledge so many turns more.
async fn acknowledge(told: &Told, phase: Phase, turns: usize) {
    let enough = told.acknowledged_in(phase) + turns;
    until(async || told.acknowledged_in(phase) >= enough).await;
}

/// The whole story, with a standby that is one.
async fn fail_over(synchronous: bool) -> Shown {
    let failover = Failover::new(synchronous).await;
    let told = Arc::new(Told::default());
    let writers = failover.writers(WRITERS, &told).await;
    acknowledge(&told, Phase::Primary, 200).await;

    failover.fail();
    until(async || writers.iter().all(|writer| writer.refused.load(SeqCst))).await;
    told.enter(Phase::Standby);
    let refusals = told.read_only.load(SeqCst) + 20;
    until(async || told.read_only.load(SeqCst) >= refusals).await;

    told.enter(Phase::Promoted);
    failover.standby.promote();
    let promoted = Instant::now();
    acknowledge(&told, Phase::Promoted, 1).await;
    let recovery = since(promoted);
    acknowledge(&told, Phase::Promoted, 200).await;
    let outcome = failover.compare(&told, writers).await;
    Shown { told, outcome, recovery }
}

async fn prove(synchronous: bool) {
    for _ in 0..rounds() {
        let Shown { told, outcome, recovery } = fail_over(synchronous).await;
        let odd = told.odd.lock().unwrap().clone();
        let by_the_standby = told.acknowledged_in(Phase::Standby);
        let replication = if synchronous { "synchronous" } else { "asynchronous" };
        let what = format!("turns acknowledged around a failover, {replication} replication");
        let trial = Trial::of(F9, what)
            .times(outcome.acknowledged)
            .wrong("acknowledged by the standby", by_the_standby)
            .wrong("doubled", outcome.doubled)
            .wrong("errors that are no matter of trying again", odd.len())
            .figure("`ReadOnly`", told.read_only.load(SeqCst))
            .figure("`OutcomeUnknown`", told.unknown.load(SeqCst))
            .figure("reads answered by the standby", told.reads())
            .figure("from promotion to the next acknowledgement", recovery);
        match synchronous {
            true => trial.wrong("acknowledged and lost", outcome.lost).record(),
            // That is what asynchronous replication means; no client can change it.
            false => trial.figure("acknowledged and lost", outcome.lost).record(),
        }
        assert!(odd.is_empty(), "{odd:?}");
        assert_eq!((by_the_standby, outcome.doubled), (0, 0));
        assert!(!synchronous || outcome.lost == 0, "{outcome:?}");
        assert!(told.reads() > 0, "the standby answered no read");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_writes_on_when_its_standby_was_promoted() {
    prove(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synchronous_standby_has_everything_that_was_acknowledged() {
    prove(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_is_none_any_more_is_found_out() {
    let failover = Failover::new(false).await;
    let told = Arc::new(Told::default());
    let writers = failover.writers(WRITERS, &told).await;
    acknowledge(&told, Phase::Primary, 1).await;
    failover.caught_up().await;

    // Both write from now on: what the old one acknowledges, the new one never has.
    failover.standby.promote();
    acknowledge(&told, Phase::Primary, 50).await;
    failover.fail();
    told.enter(Phase::Standby);
    acknowledge(&told, Phase::Standby, 50).await;

    let lost = failover.compare(&told, writers).await.lost;
    let acknowledged = told.acknowledged_in(Phase::Standby);
    control(F9, "a \"standby\" that acknowledges writes", acknowledged > 0, 1);
    control(F9, "a failover to a server that no longer follows", lost > 0, 1);
    assert!(acknowledged > 0 && lost > 0, "{acknowledged} acknowledged, {lost} lost");
}
