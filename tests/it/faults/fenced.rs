//! F4, F5 and F11 where a call is a transaction: behind row level security.

use std::time::Duration;

use scrollback_proof::{F4, F5, F11, Trial};

use super::{
    bench::{Bench, unique, with_parameter},
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

/// Each has another number of statements, or none that names an owner.
const OPS: [Op; 4] = [Op::Append, Op::Messages, Op::Delete, Op::ForgetUser];

async fn bench() -> Bench {
    Bench::Fenced(Fenced::new().await)
}

#[tokio::test]
async fn a_dropped_call_leaves_no_transaction_open() {
    let (bench, application) = (bench().await, unique("fenced"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let watcher = bench.watcher().await;
    let sweep = cancel::Sweep { bench: &bench, watcher: watcher.clone(), url };

    let mut drops = 0;
    for op in OPS {
        drops += sweep.over(op, cancel::Pool::Warm).await;
        drops += sweep.over(op, cancel::Pool::Taken).await;
    }
    cancel::serves(&bench.side(&sweep.url, 1).await, &watcher).await;
    let open = open_transactions(&application).await;

    Trial::of(F11, "calls under row level security, dropped at each of their awaits")
        .times(drops)
        .wrong("transactions left open", open)
        .record();
    assert!(drops > 4 * OPS.len(), "{drops} drops");
    assert_eq!(open, 0);
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
    for op in OPS {
        for fault in cuts::CUTS {
            let swept = sweep.over(op, fault).await;
            points += swept.points;
            wrong.extend(swept.wrong);
        }
    }

    Trial::of(F4, "calls under row level security, cut at every frame")
        .times(points)
        .wrong("answers that are not true of what is stored", wrong.len())
        .record();
    // Four round trips, two or more frames each but BEGIN and COMMIT.
    assert!(points >= 2 * 8 * OPS.len(), "{points} points");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_call_into_a_black_hole_ends_and_gives_its_place_back() {
    let (bench, proxy) = (bench().await, FaultProxy::start(cluster()).await);
    let watcher = bench.watcher().await;
    let patient = bench.side(&proxy.url(), 1).await;
    let hurried = patient.with_deadline(SHORT);

    let (mut points, mut wrong) = (0, Vec::new());
    for op in [Op::Append, Op::Messages] {
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
    assert!(points >= 16, "{points} points");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
