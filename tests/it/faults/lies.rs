//! F19: answers that arrive damaged.
//!
//! The protocol has no check sums: a byte that is changed inside a value is told by TLS, not by a
//! client. Tested is what breaks the frames themselves.

use std::time::Duration;

use scrollback_proof::{F19, control};

use super::{bench::Bench, expected::Expected, op::Op, scene::Scene, tally::Tally};
use crate::support::{Fault, FaultProxy, cluster};

/// Longer than any answer here; a count beyond it means that the sweep does not end.
const MOST_FRAMES: usize = 60;

/// A frame that claims to be longer than it is leaves the driver waiting.
const SHORT: Duration = Duration::from_millis(150);

async fn sweep(what: &str, fault: impl Fn(usize) -> Fault) {
    let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
    let mut tally = Tally::default();
    for op in [Op::Append, Op::Messages] {
        let expected = Expected::of(op, &watcher).await;
        for n in 1..MOST_FRAMES {
            let side = bench.side(&proxy.url(), 1).await;
            op.call(&side, &Scene::new(&watcher).await).await.unwrap();
            let scene = Scene::new(&watcher).await;

            proxy.arm(fault(n));
            let answer = op.call(&side.with_deadline(SHORT), &scene).await;
            let fired = proxy.fired();
            proxy.heal();
            if fired.is_none() {
                break;
            }

            let at = format!("{op:?}, {:?} ({:?})", fault(n), fired.map(char::from));
            tally.judge(&at, &expected, &answer, &side, &scene).await;
        }
    }
    tally.trial(F19, what).record();
    tally.record_doubt(what);
    tally.assert_right();
}

#[tokio::test]
async fn an_answer_that_ends_inside_a_frame_is_an_error() {
    sweep("answers that end inside a frame", Fault::CutInside).await;
}

#[tokio::test]
async fn an_answer_with_a_byte_too_few_is_an_error() {
    sweep("answers with a byte too few", Fault::Shorten).await;
}

#[tokio::test]
async fn an_answer_of_a_changed_type_is_an_error() {
    sweep("answers with a frame of a changed type", |n| Fault::Flip(n, 0)).await;
}

#[tokio::test]
async fn an_answer_of_a_changed_length_is_an_error() {
    sweep("answers with a frame of a changed length", |n| Fault::Flip(n, 4)).await;
}

#[tokio::test]
async fn an_answer_that_ends_early_is_an_error() {
    sweep("answers that end early", Fault::HalfClose).await;
}

#[tokio::test]
async fn the_check_finds_a_value_that_was_changed_on_the_way() {
    let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
    let (watcher, side) = (bench.watcher().await, bench.side(&proxy.url(), 1).await);
    let (expected, scene) = (Expected::of(Op::Get, &watcher).await, Scene::new(&watcher).await);
    Op::Get.call(&side, &scene).await.unwrap();

    // Of the row (the second frame), the last byte of the number of messages: before it are id,
    // session `first`, no title and no metadata, each with its length.
    proxy.arm(Fault::Flip(2, 43));
    let answer = Op::Get.call(&side, &scene).await;

    let verdict = expected.judge(&answer, &scene.state().await);
    let caught = answer.is_ok() && verdict.is_err();
    control(F19, "a byte that is changed inside a value, without TLS", caught, 1);
    assert!(caught, "{answer:?}");
}
