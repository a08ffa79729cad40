//! F5: connections on which nothing passes any more, or too late.

use std::time::Duration;

use futures_util::future::join_all;
use scrollback::Error;
use scrollback_proof::{F5, I8, Trial, control};
use sea_orm::TransactionTrait;

use super::{
    bench::{Bench, Side},
    expected::Expected,
    health::{Health, Patient},
    op::Op,
    rounds,
    scene::Scene,
    tally::{Flaw, Tally, Wrong},
    watch::{PATIENCE, Watch},
};
use crate::support::{Fault, FaultProxy, cluster};

const CONNECTIONS: u32 = 3;

/// Long enough for a statement, so that a call which ends by it was not answered.
const SHORT: Duration = Duration::from_millis(300);

struct Hole {
    // Its schema goes when this does.
    _bench: Bench,
    proxy: FaultProxy,
    patient: Patient,
    /// A store with a short deadline and a normal one, over the same connections.
    hurried: Side,
    unhurried: Side,
    tally: Tally,
    watch: Watch,
    /// Connections that the pool has lost for good.
    leaked: usize,
}

impl Hole {
    async fn new(connections: u32) -> Self {
        let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
        let patient = Patient::new(bench.watcher().await, "hole");
        let unhurried = bench.side(&patient.url(&proxy.url()), connections).await;
        Self {
            _bench: bench,
            proxy,
            patient,
            hurried: unhurried.with_deadline(SHORT),
            unhurried,
            tally: Tally::default(),
            watch: Watch::new(PATIENCE),
            leaked: 0,
        }
    }

    fn watcher(&self) -> &Side {
        &self.patient.watcher
    }

    /// Has all connections of the pool opened.
    async fn fill(&self) {
        let pool = self.unhurried.pool();
        let held = join_all((0..CONNECTIONS).map(|_| pool.begin())).await;
        for transaction in held {
            transaction.unwrap().rollback().await.unwrap();
        }
    }

    /// Whether every connection of the pool can be used, all at the same time.
    async fn measure_the_pool(&mut self) {
        let pool = self.unhurried.pool();
        let held = join_all((0..CONNECTIONS).map(|_| pool.begin())).await;
        self.leaked += held.iter().filter(|transaction| transaction.is_err()).count();
        for transaction in held.into_iter().flatten() {
            transaction.rollback().await.unwrap();
        }
        for op in Op::ALL {
            let scene = Scene::new(self.watcher()).await;
            op.call(&self.unhurried, &scene).await.unwrap();
        }
    }

    /// A call whose frames vanish from the second on.
    async fn swallow(&mut self, op: Op) {
        let (expected, scene) =
            (Expected::of(op, self.watcher()).await, Scene::new(self.watcher()).await);
        self.proxy.arm(Fault::Hole(2));
        let answer = self.watch.over(op.call(&self.hurried, &scene)).await;
        self.proxy.heal();
        let Some(answer) = answer else { return };
        if answer.is_ok() {
            self.tally.note(op_name(op), Err(Flaw::new(Wrong::Lost, "answered from a hole")));
        }
        self.tally.judge(&op_name(op), &expected, &answer, &self.unhurried, &scene).await;
    }

    async fn record(&self, what: &str) {
        self.tally
            .trial(F5, what)
            .wrong("hung", self.watch.hung)
            .wrong("places of the pool lost", self.leaked)
            .figure("deadline", format!("{} ms", SHORT.as_millis()))
            .figure("longest call", self.watch.percentile(100))
            .record();
        let mut health = Health::default();
        health.add(self.patient.examine(&self.unhurried).await);
        health.record(what);
        self.tally.assert_right();
        health.assert_well();
        assert_eq!((self.watch.hung, self.leaked), (0, 0), "hung calls, lost places");
    }
}

fn op_name(op: Op) -> String {
    format!("{op:?}")
}

#[tokio::test]
async fn calls_into_a_black_hole_end_and_the_pool_recovers() {
    let mut hole = Hole::new(CONNECTIONS).await;
    hole.fill().await;

    for _ in 0..rounds() {
        for op in Op::ALL {
            hole.swallow(op).await;
        }
    }

    hole.measure_the_pool().await;
    hole.tally.record_doubt("a black hole");
    hole.record("calls of every method into a black hole").await;
}

#[tokio::test]
async fn calls_whose_answers_are_swallowed_do_not_shrink_the_pool() {
    let mut hole = Hole::new(CONNECTIONS).await;
    hole.fill().await;
    let expected = Expected::of(Op::Append, hole.watcher()).await;

    for _ in 0..rounds() {
        let scenes = join_all((0..CONNECTIONS).map(|_| Scene::new(hole.watcher()))).await;
        hole.proxy.arm(Fault::Mute(1));
        let calls = scenes.iter().map(|scene| Op::Append.call(&hole.hurried, scene));
        let answers = hole.watch.over(join_all(calls)).await.unwrap_or_default();
        hole.proxy.heal();

        for (answer, scene) in answers.iter().zip(&scenes) {
            if !matches!(answer, Err(Error::OutcomeUnknown(_))) {
                let flaw = Flaw::new(Wrong::Class, format!("answered {answer:?}"));
                hole.tally.note("Append", Err(flaw));
            }
            hole.tally.judge("Append", &expected, answer, &hole.unhurried, scene).await;
        }
    }

    hole.measure_the_pool().await;
    hole.tally.record_doubt("swallowed answers");
    hole.record("turns whose answers are swallowed, on all connections at once").await;
}

#[tokio::test]
async fn connecting_to_a_black_hole_ends_and_the_pool_recovers() {
    let mut hole = Hole::new(CONNECTIONS).await;

    for op in [Op::Append, Op::Messages] {
        let scenes = join_all((0..2 * CONNECTIONS).map(|_| Scene::new(hole.watcher()))).await;
        let expected = Expected::of(op, hole.watcher()).await;
        hole.proxy.black_hole();
        let calls = scenes.iter().map(|scene| op.call(&hole.hurried, scene));
        let answers = hole.watch.over(join_all(calls)).await.unwrap_or_default();
        hole.proxy.heal();
        for (answer, scene) in answers.iter().zip(&scenes) {
            let watcher = hole.watcher().clone();
            hole.tally.judge(&op_name(op), &expected, answer, &watcher, scene).await;
        }
    }

    hole.measure_the_pool().await;
    hole.record("calls that connect to a black hole").await;
}

#[tokio::test]
async fn a_delayed_write_that_arrives_after_its_repetition_is_not_stored_twice() {
    let hole = Hole::new(1).await;
    let expected = Expected::of(Op::Append, hole.watcher()).await;
    let scene = Scene::new(hole.watcher()).await;
    Op::Append.call(&hole.unhurried, &Scene::new(hole.watcher()).await).await.unwrap();

    hole.proxy.arm(Fault::Hold(1));
    let delayed = Op::Append.call(&hole.hurried, &scene).await;
    let before = scene.state().await;
    let settled = expected.settle(hole.watcher(), &scene).await;
    let repeated = scene.state().await;
    hole.proxy.heal();
    hole.unhurried.pool().close().await.unwrap();
    hole.proxy.until_unused().await;

    let after = scene.state().await;
    Trial::of(I8, "turns that arrive after their own repetition")
        .wrong("not settled by the repetition", usize::from(settled.is_err()))
        .wrong("stored by both", usize::from(after != repeated))
        .record();
    assert!(matches!(delayed, Err(Error::OutcomeUnknown(_))), "{delayed:?}");
    settled.unwrap();
    assert_ne!(before, repeated);
    assert_eq!(after, repeated);
}

#[tokio::test]
async fn a_delayed_write_may_be_applied_after_its_deadline() {
    let hole = Hole::new(1).await;
    let scene = Scene::new(hole.watcher()).await;
    let expected = Expected::of(Op::AppendWithoutKey, hole.watcher()).await;
    let warm_up = Scene::new(hole.watcher()).await;
    Op::AppendWithoutKey.call(&hole.unhurried, &warm_up).await.unwrap();

    hole.proxy.arm(Fault::Hold(1));
    let delayed = Op::AppendWithoutKey.call(&hole.hurried, &scene).await;
    let before = scene.state().await;
    hole.proxy.heal();
    hole.unhurried.pool().close().await.unwrap();
    hole.proxy.until_unused().await;

    assert!(matches!(delayed, Err(Error::OutcomeUnknown(_))), "{delayed:?}");
    expected.judge(&delayed, &before).unwrap();
    // This is why a repetition needs a key.
    let settled = expected.settle(hole.watcher(), &scene).await;
    let caught = settled.is_err_and(|flaw| flaw.wrong == Wrong::Doubled);
    control(I8, "a late turn without a key, repeated", caught, 1);
    assert!(caught);
}

#[tokio::test]
async fn a_store_without_a_deadline_is_found_to_hang() {
    let mut hole = Hole::new(CONNECTIONS).await;
    hole.fill().await;
    hole.watch = Watch::new(4 * SHORT);
    hole.hurried = hole.unhurried.with_deadline(Duration::from_secs(3_600));

    hole.swallow(Op::Append).await;

    // The server would keep the locks of a session that is silent.
    hole.measure_the_pool().await;
    control(F5, "a store whose deadline is an hour", hole.watch.hung, 1);
    assert_eq!(hole.watch.hung, 1);
}
