//! F5: connections on which nothing passes any more, or too late.

use std::time::Duration;

use futures_util::future::join_all;
use scrollback::Error;
use sea_orm::TransactionTrait;

use super::{
    bench::{Bench, Side},
    expected::Expected,
    op::Op,
    scene::Scene,
};
use crate::support::{Fault, FaultProxy, cluster};

const CONNECTIONS: u32 = 3;

/// Long enough for a statement, so that a call which ends by it was not answered.
const SHORT: Duration = Duration::from_millis(300);

struct Hole {
    // Its schema goes when this does.
    _bench: Bench,
    proxy: FaultProxy,
    watcher: Side,
    /// A store with a short deadline and a normal one, over the same connections.
    hurried: Side,
    patient: Side,
}

impl Hole {
    async fn new(connections: u32) -> Self {
        let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
        let (watcher, patient) =
            (bench.watcher().await, bench.side(&proxy.url(), connections).await);
        let hurried = patient.with_deadline(SHORT);
        Self { _bench: bench, proxy, watcher, hurried, patient }
    }

    /// Has all connections of the pool opened.
    async fn fill(&self) {
        let pool = self.patient.pool();
        let held = join_all((0..CONNECTIONS).map(|_| pool.begin())).await;
        for transaction in held {
            transaction.unwrap().rollback().await.unwrap();
        }
    }

    /// Every connection of the pool can be used, all but one at the same time as the last.
    async fn assert_whole(&self) {
        let pool = self.patient.pool();
        let held = join_all((1..CONNECTIONS).map(|_| pool.begin())).await;
        assert!(held.iter().all(Result::is_ok), "the pool has shrunk: {held:?}");
        for op in Op::ALL {
            let scene = Scene::new(&self.watcher).await;
            op.call(&self.patient, &scene).await.unwrap();
        }
    }
}

#[tokio::test]
async fn calls_into_a_black_hole_end_and_the_pool_recovers() {
    let hole = Hole::new(CONNECTIONS).await;
    hole.fill().await;

    for op in Op::ALL {
        let (expected, scene) =
            (Expected::of(op, &hole.watcher).await, Scene::new(&hole.watcher).await);
        hole.proxy.arm(Fault::Hole(2));
        let answer = op.call(&hole.hurried, &scene).await;
        hole.proxy.heal();

        expected.judge(&answer, &scene.state().await).unwrap();
        assert!(answer.is_err(), "{op:?}");
        expected.settle(&hole.patient, &scene).await.unwrap();
    }

    hole.assert_whole().await;
}

#[tokio::test]
async fn calls_whose_answers_are_swallowed_do_not_shrink_the_pool() {
    let hole = Hole::new(CONNECTIONS).await;
    hole.fill().await;
    let scenes = join_all((0..CONNECTIONS).map(|_| Scene::new(&hole.watcher))).await;
    let expected = Expected::of(Op::Append, &hole.watcher).await;

    hole.proxy.arm(Fault::Mute(1));
    let calls = scenes.iter().map(|scene| Op::Append.call(&hole.hurried, scene));
    let answers = join_all(calls).await;
    hole.proxy.heal();

    for (answer, scene) in answers.iter().zip(&scenes) {
        assert!(matches!(answer, Err(Error::OutcomeUnknown(_))), "{answer:?}");
        expected.settle(&hole.patient, scene).await.unwrap();
    }
    hole.assert_whole().await;
}

#[tokio::test]
async fn connecting_to_a_black_hole_ends_and_the_pool_recovers() {
    let hole = Hole::new(CONNECTIONS).await;
    hole.proxy.black_hole();

    for op in [Op::Append, Op::Messages] {
        let scene = Scene::new(&hole.watcher).await;
        let expected = Expected::of(op, &hole.watcher).await;
        let calls = (0..2 * CONNECTIONS).map(|_| op.call(&hole.hurried, &scene));
        for answer in join_all(calls).await {
            expected.judge(&answer, &scene.state().await).unwrap();
        }
    }
    hole.proxy.heal();

    hole.assert_whole().await;
}

#[tokio::test]
async fn a_delayed_write_that_arrives_after_its_repetition_is_not_stored_twice() {
    let hole = Hole::new(1).await;
    let expected = Expected::of(Op::Append, &hole.watcher).await;
    let scene = Scene::new(&hole.watcher).await;
    Op::Append.call(&hole.patient, &Scene::new(&hole.watcher).await).await.unwrap();

    hole.proxy.arm(Fault::Hold(1));
    let delayed = Op::Append.call(&hole.hurried, &scene).await;
    let before = scene.state().await;
    expected.settle(&hole.watcher, &scene).await.unwrap();
    let repeated = scene.state().await;
    hole.proxy.heal();
    hole.patient.pool().close().await.unwrap();
    hole.proxy.until_unused().await;

    assert!(matches!(delayed, Err(Error::OutcomeUnknown(_))), "{delayed:?}");
    assert_ne!(before, repeated);
    assert_eq!(scene.state().await, repeated);
}

#[tokio::test]
async fn a_delayed_write_may_be_applied_after_its_deadline() {
    let hole = Hole::new(1).await;
    let scene = Scene::new(&hole.watcher).await;
    let expected = Expected::of(Op::AppendWithoutKey, &hole.watcher).await;
    let warm_up = Scene::new(&hole.watcher).await;
    Op::AppendWithoutKey.call(&hole.patient, &warm_up).await.unwrap();

    hole.proxy.arm(Fault::Hold(1));
    let delayed = Op::AppendWithoutKey.call(&hole.hurried, &scene).await;
    let before = scene.state().await;
    hole.proxy.heal();
    hole.patient.pool().close().await.unwrap();
    hole.proxy.until_unused().await;

    assert!(matches!(delayed, Err(Error::OutcomeUnknown(_))), "{delayed:?}");
    expected.judge(&delayed, &before).unwrap();
    // This is why a repetition needs a key.
    assert!(expected.settle(&hole.watcher, &scene).await.is_err());
}
