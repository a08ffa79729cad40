//! F6: more callers than connections.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use scrollback::{Error, Result};
use scrollback_proof::{F6, Trial};
use sea_orm::TransactionTrait;

use super::{
    bench::{Bench, Side},
    expected::Expected,
    op::Op,
    rounds,
    scene::Scene,
    tally::{Flaw, Tally, Verdict, Wrong},
    watch::{PATIENCE, Watch},
};
use crate::support::cluster;

/// Nobody has to be turned away.
fn served(answer: &Result<String>) -> Verdict {
    let flaw = |error: &Error| Flaw::new(Wrong::Class, format!("answered {error:?}"));
    answer.as_ref().map(drop).map_err(flaw)
}

#[tokio::test]
async fn one_connection_serves_many_callers() {
    let bench = Bench::postgres().await;
    let (watcher, side) = (bench.watcher().await, bench.side(&cluster().url(), 1).await);
    let mut tally = Tally::default();

    for op in [Op::Append, Op::Messages, Op::ForgetUser] {
        let scenes = join_all((0..64).map(|_| Scene::new(&watcher))).await;
        let expected = Expected::of(op, &watcher).await;
        let answers = join_all(scenes.iter().map(|scene| op.call(&side, scene))).await;
        for (answer, scene) in answers.iter().zip(&scenes) {
            tally.note(format!("{op:?}"), served(answer));
            tally.judge(&format!("{op:?}"), &expected, answer, &side, scene).await;
        }
    }

    tally.trial(F6, "calls of 64 callers at once on one connection").record();
    tally.assert_right();
}

const CALLERS: usize = 200;

/// What one caller of a crowd got.
struct Served {
    total: Duration,
    times: Vec<Duration>,
    refusals: Vec<Error>,
}

/// One turn after another, as a user who waits for each.
async fn serve(side: &Side, scene: &Scene, turns: usize) -> Served {
    let started = Instant::now();
    let mut served = Served { total: Duration::ZERO, times: Vec::new(), refusals: Vec::new() };
    for _ in 0..turns {
        let sent = Instant::now();
        let answer = Op::AppendWithoutKey.call(side, scene).await;
        served.times.push(sent.elapsed());
        served.refusals.extend(answer.err());
    }
    served.total = started.elapsed();
    served
}

#[tokio::test]
async fn two_hundred_callers_share_four_connections_fairly() {
    let bench = Bench::postgres().await;
    let (watcher, side) = (bench.watcher().await, bench.side(&cluster().url(), 4).await);
    let turns = 5 * rounds();
    let scenes = join_all((0..CALLERS).map(|_| Scene::new(&watcher))).await;

    let served = join_all(scenes.iter().map(|scene| serve(&side, scene, turns))).await;

    let mut watch = Watch::new(PATIENCE);
    served.iter().flat_map(|it| &it.times).for_each(|time| watch.note(*time));
    let mut totals: Vec<_> = served.iter().map(|it| it.total).collect();
    totals.sort_unstable();
    let fairness = totals[CALLERS - 1].as_secs_f64() / totals[CALLERS / 2].as_secs_f64();
    let refusals: Vec<_> = served.iter().flat_map(|it| &it.refusals).collect();
    let mut missing = 0;
    for scene in &scenes {
        let found = Op::Get.call(&watcher, scene).await.unwrap();
        missing += usize::from(found != (2 + 2 * turns).to_string());
    }
    Trial::of(F6, format!("turns of {CALLERS} callers at once on 4 connections"))
        .times(CALLERS * turns)
        .wrong("timed out or refused", refusals.len())
        .wrong("conversations with another number of messages", missing)
        .figure("p99", watch.percentile(99))
        .figure("longest", watch.percentile(100))
        .figure("slowest caller ÷ median", format!("{fairness:.2}"))
        .record();
    assert!(refusals.is_empty(), "{refusals:?}");
    assert_eq!(missing, 0);
}

/// Calls every method, each for a scene of its own, while the host holds all connections.
async fn starve(side: &Side, scenes: &[Scene], watch: &mut Watch) -> Vec<Result<String>> {
    let pool = side.pool();
    let held = pool.begin().await.unwrap();
    let started = Instant::now();
    let calls = Op::ALL.iter().zip(scenes).map(async |(op, scene)| {
        let answer = op.call(side, scene).await;
        (answer, started.elapsed())
    });
    let answers = watch.over(join_all(calls)).await.unwrap_or_default();
    held.rollback().await.unwrap();
    answers.iter().for_each(|(_, time)| watch.note(*time));
    answers.into_iter().map(|(answer, _)| answer).collect()
}

#[tokio::test]
async fn calls_on_a_pool_that_the_host_has_exhausted_are_busy_and_not_applied() {
    let bench = Bench::postgres().await;
    let (watcher, side) = (bench.watcher().await, bench.side(&cluster().url(), 1).await);
    let (mut tally, mut watch) = (Tally::default(), Watch::new(PATIENCE));

    for _ in 0..rounds() {
        let scenes = join_all(Op::ALL.map(|_| Scene::new(&watcher))).await;
        let answers = starve(&side, &scenes, &mut watch).await;
        for ((op, scene), answer) in Op::ALL.into_iter().zip(&scenes).zip(&answers) {
            let (expected, at) = (Expected::of(op, &watcher).await, format!("{op:?}"));
            if !matches!(answer, Err(Error::Busy(_))) {
                tally.note(&at, Err(Flaw::new(Wrong::Class, format!("answered {answer:?}"))));
            }
            tally.judge(&at, &expected, answer, &side, scene).await;
        }
    }

    tally
        .trial(F6, "calls of every method while the host holds all connections")
        .wrong("hung", watch.hung)
        .figure("longest call", watch.percentile(100))
        .record();
    tally.assert_right();
    assert_eq!(watch.hung, 0);
}
