//! F4, F5 and F11 where a call is a transaction: behind row level security.

use std::time::Duration;

use scrollback_proof::{F4, F5, F11, Trial, control};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, unique, with_parameter},
    cancel, cuts,
    expected::Expected,
    op::Op,
    scene::Scene,
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

/// Drops the call while its first frame is on its way, the second, until it ends: how often, and what
/// was wrong afterwards.
async fn dropped(op: Op, proxy: &FaultProxy, side: &Side, watcher: &Side) -> (usize, Vec<String>) {
    let (expected, mut wrong) = (Expected::of(op, watcher).await, Vec::new());
    for frame in 1.. {
        op.call(side, &Scene::new(watcher).await).await.unwrap();
        let scene = Scene::new(watcher).await;
        proxy.arm(Fault::Hold(frame));
        let ended = tokio::select! {
            _ = op.call(side, &scene) => true,
            () = proxy.until_fired() => false,
        };
        proxy.heal();

        if !lasts(side, watcher).await {
            wrong.push(format!("{op:?}, frame {frame}: the next write is lost"));
        }
        wrong.extend(expected.judge_dropped(&scene.state().await).err());
        wrong.extend(expected.settle(side, &scene).await.err());
        if ended {
            return (frame - 1, wrong);
        }
    }
    unreachable!("a call sends no end of frames");
}

#[tokio::test]
async fn a_dropped_call_leaves_no_transaction_open() {
    let (bench, application) = (bench().await, unique("fenced"));
    let proxy = FaultProxy::start(cluster()).await;
    let url = with_parameter(&proxy.url(), "application_name", &application);
    let (watcher, side) = (bench.watcher().await, bench.side(&url, 1).await);

    let (mut drops, mut wrong) = (0, Vec::new());
    for op in ops() {
        let swept = dropped(*op, &proxy, &side, &watcher).await;
        drops += swept.0;
        wrong.extend(swept.1);
    }
    let open = open_transactions(&application).await;

    Trial::of(F11, "calls under row level security, dropped with each of their frames on its way")
        .times(drops)
        .wrong("half done, or the next borrower's write lost", wrong.len())
        .wrong("transactions left open", open)
        .record();
    assert!(drops >= 8 * ops().len(), "{drops} drops");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(open, 0);
}

#[tokio::test]
async fn a_begin_that_is_dropped_without_closing_its_connection_is_found() {
    let (bench, url) = (bench().await, cluster().url());
    let (watcher, side) = (bench.watcher().await, bench.side(&url, 1).await);

    // One poll sends it when the connection is back already, two when it is not.
    let mut polls = [1, 2].into_iter().cycle().take(cancel::MOST_POLLS);
    let caught = loop {
        let Some(polls) = polls.next() else { break false };
        drop(cancel::give_up(side.pool().begin(), polls).await);
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

/// Only a superuser sees what other roles are doing.
async fn open_transactions(application: &str) -> usize {
    let superuser = Bench::postgres().await.watcher().await;
    cancel::open_transactions(&superuser, application).await
}

#[tokio::test]
async fn a_cut_call_says_rightly_whether_it_may_have_been_applied() {
    let (bench, proxy) = (bench().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
    let sweep = cuts::Sweep { bench: &bench, proxy: &proxy, watcher, warm: true };

    let (mut points, mut wrong) = (0, Vec::new());
    for op in ops() {
        for fault in cuts::CUTS {
            let swept = sweep.over(*op, fault).await;
            points += swept.points;
            wrong.extend(swept.wrong);
        }
    }

    Trial::of(F4, "calls under row level security, cut at every frame")
        .times(points)
        .wrong("answers that are not true of what is stored", wrong.len())
        .record();
    // BEGIN and COMMIT are one frame each, the two statements between them at least three.
    assert!(points >= 2 * 8 * ops().len(), "{points} points");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_call_into_a_black_hole_ends_and_gives_its_place_back() {
    let (bench, proxy) = (bench().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
    let patient = bench.side(&proxy.url(), 1).await;
    let hurried = patient.with_deadline(SHORT);

    let (mut points, mut wrong) = (0, Vec::new());
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
            points += 1;
            wrong.extend(expected.judge(&answer, &scene.state().await).err());
            wrong.extend(expected.settle(&patient, &scene).await.err());
        }
    }

    Trial::of(F5, "calls under row level security that fall into silence, at every frame")
        .times(points)
        .wrong(
            "answers that are not true of what is stored, or places of the pool lost",
            wrong.len(),
        )
        .record();
    assert!(points >= 8 * ops().len(), "{points} points");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
