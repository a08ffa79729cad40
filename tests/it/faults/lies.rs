//! F19: answers that arrive damaged.
//!
//! The protocol has no check sums: a byte that is changed inside a value is told by TLS, not by a
//! client. Tested is what breaks the frames themselves.

use std::time::Duration;

use super::{bench::Bench, expected::Expected, op::Op, scene::Scene};
use crate::support::{Fault, FaultProxy, cluster};

/// Longer than any answer here; a count beyond it means that the sweep does not end.
const MOST_FRAMES: usize = 60;

/// A frame that claims to be longer than it is leaves the driver waiting.
const SHORT: Duration = Duration::from_millis(150);

async fn sweep(fault: impl Fn(usize) -> Fault) {
    let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
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
            let verdict = expected.judge(&answer, &scene.state().await);
            verdict.unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
            let settled = expected.settle(&side, &scene).await;
            settled.unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
        }
    }
}

#[tokio::test]
async fn an_answer_that_ends_inside_a_frame_is_an_error() {
    sweep(Fault::CutInside).await;
}

#[tokio::test]
async fn an_answer_with_a_byte_too_few_is_an_error() {
    sweep(Fault::Shorten).await;
}

#[tokio::test]
async fn an_answer_of_a_changed_type_is_an_error() {
    sweep(|n| Fault::Flip(n, 0)).await;
}

#[tokio::test]
async fn an_answer_of_a_changed_length_is_an_error() {
    sweep(|n| Fault::Flip(n, 4)).await;
}

#[tokio::test]
async fn an_answer_that_ends_early_is_an_error() {
    sweep(Fault::HalfClose).await;
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

    assert!(answer.is_ok(), "{answer:?}");
    assert!(expected.judge(&answer, &scene.state().await).is_err());
}
