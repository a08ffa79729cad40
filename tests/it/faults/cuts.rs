//! F4: the connection is lost at every frame that a call sends, on both sides of it.

use scrollback::{Error, Result as Answer};

use super::{
    bench::{Bench, Side},
    expected::Expected,
    op::Op,
    scene::Scene,
};
use crate::support::{Fault, FaultProxy, cluster};

/// Longer than any call here; a count beyond it means that the sweep does not end.
const MOST_FRAMES: usize = 60;

/// What a sweep has seen.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub(super) points: usize,
    pub(super) wrong: Vec<String>,
}

pub(super) struct Sweep<'a> {
    pub(super) bench: &'a Bench,
    pub(super) proxy: &'a FaultProxy,
    pub(super) watcher: Side,
    /// Whether the call finds a connection that has its statements prepared.
    pub(super) warm: bool,
}

impl Sweep<'_> {
    /// Cuts at the first frame of the call, at the second, until it ends before its cut.
    pub(super) async fn over(&self, op: Op, fault: fn(usize) -> Fault) -> Swept {
        let expected = Expected::of(op, &self.watcher).await;
        let mut swept = Swept::default();
        for n in 1..MOST_FRAMES {
            let side = self.bench.side(&self.proxy.url(), 1).await;
            if self.warm {
                op.call(&side, &Scene::new(&self.watcher).await).await.unwrap();
            }
            let scene = Scene::new(&self.watcher).await;

            self.proxy.arm(fault(n));
            let answer = op.call(&side, &scene).await;
            let fired = self.proxy.fired();
            self.proxy.heal();

            let Some(kind) = fired else { return swept };
            let at = format!("{op:?}, {:?} ({}): ", fault(n), char::from(kind).escape_default());
            let verdicts = [
                expected.judge(&answer, &scene.state().await),
                while_connecting(kind, &answer),
                expected.settle(&side, &scene).await,
            ];
            swept.points += 1;
            swept.wrong.extend(
                verdicts.into_iter().filter_map(Result::err).map(|wrong| at.clone() + &wrong),
            );
        }
        panic!("{op:?} sends more than {MOST_FRAMES} frames");
    }
}

/// Who has sent a start-up message or a password only knows that nothing was applied.
fn while_connecting(kind: u8, answer: &Answer<String>) -> Result<(), String> {
    match (kind, answer) {
        (0 | b'p', Err(error)) if !matches!(error, Error::Busy(_)) => {
            Err(format!("answered {error:?} before anything was sent"))
        }
        _ => Ok(()),
    }
}

async fn sweep(warm: bool, ops: &[Op], faults: &[fn(usize) -> Fault]) -> Swept {
    let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
    let sweep = Sweep { bench: &bench, proxy: &proxy, watcher: bench.watcher().await, warm };
    let mut all = Swept::default();
    for op in ops {
        for fault in faults {
            let Swept { points, wrong } = sweep.over(*op, *fault).await;
            assert!(points >= 4, "{op:?} was cut at {points} points only");
            all.points += points;
            all.wrong.extend(wrong);
        }
    }
    all
}

/// Both sides of a frame.
pub(super) const CUTS: [fn(usize) -> Fault; 2] = [Fault::CutBefore, Fault::CutAfter];

#[tokio::test]
async fn a_cut_call_says_rightly_whether_it_may_have_been_applied() {
    let swept = sweep(true, &Op::ALL, &CUTS).await;
    assert!(swept.wrong.is_empty(), "{swept:#?}");
}

#[tokio::test]
async fn a_call_that_is_cut_while_connecting_was_not_applied() {
    // Connecting is the same whatever comes after it.
    let ops = [Op::Create, Op::Append, Op::Messages, Op::EnsureUser];
    let swept = sweep(false, &ops, &CUTS).await;
    assert!(swept.wrong.is_empty(), "{swept:#?}");
}

#[tokio::test]
async fn a_reset_is_told_as_a_cut_is() {
    let swept = sweep(true, &[Op::Append, Op::Messages], &[Fault::Reset]).await;
    assert!(swept.wrong.is_empty(), "{swept:#?}");
}

#[tokio::test]
async fn the_sweep_finds_a_write_that_is_doubled_by_its_repetition() {
    let swept = sweep(true, &[Op::AppendWithoutKey], &CUTS).await;
    assert!(!swept.wrong.is_empty(), "{swept:#?}");
}
