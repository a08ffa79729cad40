//! F4, F5 and F11 where a call is a transaction: behind row level security.

use std::time::Duration;

use scrollback_proof::{F4, F5, F11, control};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, unique},
    cuts,
    expected::Expected,
    health::Patient,
    op::Op,
    polls::{MOST_POLLS, give_up},
    scene::Scene,
    tally::{Flaw, Tally, Wrong},
};
use crate::{
    row_security::Fenced,
    support::{Fault, FaultProxy, cluster},
};

/// Long enough for a call, so that one which ends by it was not answered.
const SHORT: Duration = Duration::from_millis(300);

/// An exchange in a chat first; then what has other statements, or some that name no owner.
const OPS: [Op; 4] = [Op::Append, Op::Messages, Op::Delete, Op::ForgetUser];

/// As many of them as `SCROLLBACK_FENCED_OPS` says; the first alone otherwise.
fn ops() -> &'static [Op] {
    let number = std::env::var("SCROLLBACK_FENCED_OPS").ok();
    let number = number.map_or(1, |number| number.parse().expect("it is a number"));
    &OPS[..number.clamp(1, OPS.len())]
}

async fn bench() -> Bench {
    Bench::Fenced(Fenced::new().await)
}

/// Whether what the next borrower of the connection writes outside a transaction is there for others.
async fn lasts(side: &Side, watcher: &Side) -> bool {
    let subject = unique("next");
    side.owner(&subject).await;
    watcher.knows(&subject).await
}

/// Drops the call while its first frame is on its way, the second, until it ends.
async fn drop_at_every_frame(
    op: Op,
    proxy: &FaultProxy,
    side: &Side,
    watcher: &Side,
    tally: &mut Tally,
) {
    let expected = Expected::of(op, watcher).await;
    for frame in 1.. {
        op.call(side, &Scene::new(watcher).await).await.unwrap();
        let scene = Scene::new(watcher).await;
        proxy.arm(Fault::Hold(frame));
        let ended = tokio::select! {
            _ = op.call(side, &scene) => true,
            () = proxy.until_fired() => false,
        };
        proxy.heal();

        let at = format!("{op:?}, frame {frame}");
        if !lasts(side, watcher).await {
            tally.note(&at, Err(Flaw::new(Wrong::Lost, "the next write is lost")));
        }
        tally.note(&at, expected.judge_dropped(&scene.state().await));
        tally.note(&at, expected.settle(side, &scene).await);
        if ended {
            return;
        }
        tally.calls += 1;
    }
}

#[tokio::test]
async fn a_dropped_call_leaves_no_transaction_open() {
    let (bench, proxy) = (bench().await, FaultProxy::start(cluster()).await);
    let patient = Patient::new(bench.watcher().await, "fenced");
    let side = bench.side(&patient.url(&proxy.url()), 1).await;

    let mut tally = Tally::default();
    for op in ops() {
        drop_at_every_frame(*op, &proxy, &side, &patient.watcher, &mut tally).await;
    }
    let health = patient.examine(&side).await;

    let what = "calls under row level security, dropped with each of their frames on its way";
    tally.trial(F11, what).wrong("transactions left open", health.open_transactions).record();
    assert!(tally.calls >= 8 * ops().len(), "{} drops", tally.calls);
    tally.assert_right();
    health.assert_well();
}

#[tokio::test]
async fn a_begin_that_is_dropped_without_closing_its_connection_is_found() {
    let (bench, url) = (bench().await, cluster().url());
    let (watcher, side) = (bench.watcher().await, bench.side_of_sea_orm(&url).await);

    // One poll sends it when the connection is back already, two when it is not.
    let mut polls = [1, 2].into_iter().cycle().take(MOST_POLLS);
    let caught = loop {
        let Some(polls) = polls.next() else { break false };
        drop(give_up(side.pool().begin(), polls).await);
        if !lasts(&side, &watcher).await {
            break true;
        }
    };

    control(
        F11,
        "a transaction around each call, begun as the driver does",
        usize::from(caught),
        1,
    );
    assert!(caught);
    side.pool().execute_unprepared("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn a_cut_call_says_rightly_whether_it_may_have_been_applied() {
    let swept = cuts::sweep(&bench().await, true, ops(), &cuts::CUTS, None).await;

    let cuts::Swept { tally, health } = swept;
    tally.trial(F4, "calls under row level security, cut at every frame").record();
    // BEGIN and COMMIT are one frame each, the two statements between them at least three.
    assert!(tally.calls >= 2 * 8 * ops().len(), "{} points", tally.calls);
    tally.assert_right();
    health.assert_well();
}

#[tokio::test]
async fn a_call_into_a_black_hole_ends_and_gives_its_place_back() {
    let (bench, proxy) = (bench().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
    let patient = bench.side(&proxy.url(), 1).await;
    let hurried = patient.with_deadline(SHORT);

    let mut tally = Tally::default();
    for &op in ops() {
        let expected = Expected::of(op, &watcher).await;
        for frame in 1.. {
            op.call(&patient, &Scene::new(&watcher).await).await.unwrap();
            let scene = Scene::new(&watcher).await;
            proxy.arm(Fault::Hole(frame));
            let answer = op.call(&hurried, &scene).await;
            let fired = proxy.fired();
            proxy.heal();

            if fired.is_none() {
                break;
            }
            let at = format!("{op:?}, frame {frame}");
            tally.judge(&at, &expected, &answer, &patient, &scene).await;
        }
    }

    let what = "calls under row level security that fall into silence, at every frame";
    tally.trial(F5, what).record();
    assert!(tally.calls >= 8 * ops().len(), "{} points", tally.calls);
    tally.assert_right();
}
