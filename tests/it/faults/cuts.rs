//! F4: the connection is lost at every frame that a call sends, on both sides of it.

use scrollback::{Error, Result as Answer};
use scrollback_proof::{F4, I8, control};

use super::{
    bench::{Bench, Side},
    expected::Expected,
    habits::Habit,
    health::{Health, Patient},
    op::Op,
    rounds,
    scene::Scene,
    tally::{Flaw, Tally, Verdict, Wrong},
};
use crate::support::{Fault, FaultProxy, cluster};

/// Longer than any call here; a count beyond it means that the sweep does not end.
const MOST_FRAMES: usize = 60;

/// What a sweep has seen.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub(super) tally: Tally,
    pub(super) health: Health,
}

struct Sweep<'a> {
    bench: &'a Bench,
    proxy: &'a FaultProxy,
    patient: Patient,
    /// Whether the call finds a connection that has its statements prepared.
    warm: bool,
    habit: Option<Habit>,
}

impl Sweep<'_> {
    async fn side(&self) -> Side {
        let side = self.bench.side(&self.patient.url(&self.proxy.url()), 1).await;
        match self.habit {
            Some(habit) => side.with_habit(habit),
            None => side,
        }
    }

    /// Cuts at the first frame of the call, at the second, until it ends before its cut.
    async fn over(&self, op: Op, fault: fn(usize) -> Fault) -> Swept {
        let watcher = &self.patient.watcher;
        let expected = Expected::of(op, watcher).await;
        let mut swept = Swept::default();
        for n in 1..MOST_FRAMES {
            let side = self.side().await;
            if self.warm {
                op.call(&side, &Scene::new(watcher).await).await.unwrap();
            }
            let scene = Scene::new(watcher).await;

            self.proxy.arm(fault(n));
            let answer = op.call(&side, &scene).await;
            let fired = self.proxy.fired();
            self.proxy.heal();

            let Some(kind) = fired else {
                // Once for all cuts: a pool takes a while to be rid of what was cut.
                swept.health = self.patient.examine(&side).await;
                return swept;
            };
            let at = format!("{op:?}, {:?} ({})", fault(n), char::from(kind).escape_default());
            swept.tally.judge(&at, &expected, &answer, &side, &scene).await;
            swept.tally.note(&at, while_connecting(kind, &answer));
        }
        panic!("{op:?} sends more than {MOST_FRAMES} frames");
    }
}

/// Who has sent a start-up message or a password only knows that nothing was applied.
fn while_connecting(kind: u8, answer: &Answer<String>) -> Verdict {
    match (kind, answer) {
        (0 | b'p', Err(error)) if !matches!(error, Error::Busy(_)) => {
            Err(Flaw::new(Wrong::Class, format!("answered {error:?} before anything was sent")))
        }
        _ => Ok(()),
    }
}

pub(super) async fn sweep(
    bench: &Bench,
    warm: bool,
    ops: &[Op],
    faults: &[fn(usize) -> Fault],
    habit: Option<Habit>,
) -> Swept {
    let proxy = FaultProxy::start(cluster()).await;
    let patient = Patient::new(bench.watcher().await, "cut");
    let sweep = Sweep { bench, proxy: &proxy, patient, warm, habit };
    let mut all = Swept::default();
    for op in ops {
        for fault in faults {
            let Swept { tally, health } = sweep.over(*op, *fault).await;
            assert!(tally.calls >= 4, "{op:?} was cut at {} points only", tally.calls);
            all.tally.add(tally);
            all.health.add(health);
        }
    }
    all
}

/// Sweeps as often as is asked for, and writes down what came of it.
async fn prove(warm: bool, ops: &[Op], faults: &[fn(usize) -> Fault], what: &str, after: &str) {
    let mut all = Swept::default();
    for _ in 0..rounds() {
        let Swept { tally, health } =
            sweep(&Bench::postgres().await, warm, ops, faults, None).await;
        all.tally.add(tally);
        all.health.add(health);
    }
    all.tally.trial(F4, what).figure("methods", ops.len()).figure("sides", faults.len()).record();
    all.tally.record_doubt(after);
    all.health.record(after);
    all.tally.assert_right();
    all.health.assert_well();
}

/// Both sides of a frame.
pub(super) const CUTS: [fn(usize) -> Fault; 2] = [Fault::CutBefore, Fault::CutAfter];

#[tokio::test]
async fn a_cut_call_says_rightly_whether_it_may_have_been_applied() {
    prove(true, &Op::ALL, &CUTS, "cuts before and after every frame of every method", "cuts").await;
}

#[tokio::test]
async fn a_cut_change_of_a_version_says_when_it_is_sent_again_that_it_was_applied() {
    let what = "cuts before and after every frame of changes that expect a version";
    let ops = [Op::UpdateOfVersion, Op::DeleteOfVersion];

    prove(true, &ops, &CUTS, what, "cuts of changes that expect a version").await;
}

#[tokio::test]
async fn a_call_that_is_cut_while_connecting_was_not_applied() {
    // Connecting is the same whatever comes after it.
    let ops = [Op::Create, Op::Append, Op::Messages, Op::EnsureUser];
    let what = "cuts before and after every frame of calls that connect first";
    prove(false, &ops, &CUTS, what, "cuts while connecting").await;
}

#[tokio::test]
async fn a_reset_is_told_as_a_cut_is() {
    let ops = [Op::Append, Op::Messages];
    prove(true, &ops, &[Fault::Reset], "resets at every frame", "resets").await;
}

async fn on_postgres(op: Op, habit: Option<Habit>) -> Swept {
    sweep(&Bench::postgres().await, true, &[op], &CUTS, habit).await
}

#[tokio::test]
async fn the_sweep_finds_a_write_that_is_doubled_by_its_repetition() {
    let Swept { tally, .. } = on_postgres(Op::AppendWithoutKey, None).await;

    let caught = tally.count(Wrong::Doubled) > 0;
    control(F4, "a host that repeats a turn without a key", caught, 1);
    control(I8, "a host that repeats a turn without a key", caught, 1);
    assert!(caught, "{tally:#?}");
}

#[tokio::test]
async fn the_sweep_finds_a_store_that_sends_a_turn_in_doubt_anew() {
    let Swept { tally, .. } = on_postgres(Op::Append, Some(Habit::SentAnew)).await;

    let caught = tally.count(Wrong::Doubled) > 0;
    control(F4, "a store that sends a turn in doubt anew by itself", caught, 1);
    assert!(caught, "{tally:#?}");
}

#[tokio::test]
async fn the_sweep_finds_a_store_that_takes_every_loss_for_busy() {
    let Swept { tally, .. } = on_postgres(Op::Append, Some(Habit::AllBusy)).await;

    let caught = tally.count(Wrong::Class) > 0;
    control(F4, "a store to which every lost connection is `Busy`", caught, 1);
    assert!(caught, "{tally:#?}");
}
