//! F3: sessions that the server ends, one at a time or all at once.

use scrollback::{Error, Result, Users};
use scrollback_proof::{F3, Trial, control};
use sea_orm::ConnectionTrait;

use super::{
    bench::{Bench, Side, rows, unique, with_parameter},
    expected::Expected,
    op::Op,
    scene::Scene,
    tally::Tally,
};
use crate::support::{Cluster, Fault, FaultProxy, cluster};

/// Ends the sessions of this name and waits until they are gone; a store may open others meanwhile.
pub(super) async fn terminate(watcher: &Side, application: &str) {
    let sessions = format!(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = '{application}'"
    );
    for session in rows(&watcher.pool(), &sessions).await {
        let pid: i32 = session.try_get_by_index(0).unwrap();
        let left = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {pid}");
        while !rows(&watcher.pool(), &left).await.is_empty() {}
    }
}

/// Waits until the pool has tested its one connection and keeps it: one that ends before is noticed
/// by the pool, and no call meets it.
async fn has_it_back(side: &Side) {
    let pool = side.pool();
    while pool.idle() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sessions_ended_between_calls_are_replaced() {
    let (bench, application) = (Bench::postgres().await, unique("between"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let (watcher, side) = (bench.watcher().await, bench.side(&url, 1).await);
    let mut found = Found::default();

    for op in Op::ALL {
        let (expected, scene) = (Expected::of(op, &watcher).await, Scene::new(&watcher).await);
        op.call(&side, &Scene::new(&watcher).await).await.unwrap();
        has_it_back(&side).await;
        terminate(&watcher, &application).await;

        let answer = op.call(&side, &scene).await;

        found.tally.judge(&format!("{op:?}"), &expected, &answer, &side, &scene).await;
        found.not_repeated.extend(lost_read(op, &answer));
    }
    found.record("methods called over a session that had ended");
}

#[tokio::test]
async fn sessions_ended_during_calls_are_replaced() {
    let (bench, application) = (Bench::postgres().await, unique("during"));
    let proxy = FaultProxy::start(cluster()).await;
    let url = with_parameter(&proxy.url(), "application_name", &application);
    let (watcher, side) = (bench.watcher().await, bench.side(&url, 1).await);
    let mut found = Found::default();

    for op in Op::ALL {
        let (expected, scene) = (Expected::of(op, &watcher).await, Scene::new(&watcher).await);
        op.call(&side, &Scene::new(&watcher).await).await.unwrap();

        // Before the frame that would have it run: the session ends with the call half sent.
        proxy.arm(Fault::Hold(4));
        let end = async {
            proxy.until_fired().await;
            terminate(&watcher, &application).await;
            proxy.heal();
        };
        let (answer, ()) = tokio::join!(op.call(&side, &scene), end);

        found.tally.judge(&format!("{op:?}"), &expected, &answer, &side, &scene).await;
        found.not_repeated.extend(lost_read(op, &answer));
    }
    found.record("methods whose session ended while they were sent");
}

#[tokio::test]
async fn a_read_that_is_sent_once_is_found() {
    let (bench, application) = (Bench::postgres().await, unique("once"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let watcher = bench.watcher().await;
    let side = bench.side(&url, 1).await.sending_once(bench.schema());
    let reads: Vec<_> = Op::ALL.into_iter().filter(|op| !op.writes()).collect();
    let mut missed = Vec::new();

    for op in &reads {
        let scene = Scene::new(&watcher).await;
        op.call(&side, &scene).await.unwrap();
        has_it_back(&side).await;
        terminate(&watcher, &application).await;

        let answer = op.call(&side, &scene).await;

        missed.extend(lost_read(*op, &answer).is_none().then_some(*op));
    }
    let caught = reads.len() - missed.len();
    control(
        F3,
        "a store that sends a read once, over a session that has ended",
        caught,
        reads.len(),
    );
    assert!(missed.is_empty(), "{missed:?}");
}

/// What is wrong with the answer of a call whose session had ended, if it was a read.
fn lost_read(op: Op, answer: &Result<String>) -> Option<String> {
    let lost = !op.writes() && answer.is_err();
    lost.then(|| format!("{op:?} was not read again: {answer:?}"))
}

#[derive(Default)]
struct Found {
    tally: Tally,
    not_repeated: Vec<String>,
}

impl Found {
    fn record(self, what: &str) {
        self.tally
            .trial(F3, what)
            .wrong("reads that were not sent again", self.not_repeated.len())
            .record();
        self.tally.assert_right();
        assert!(self.not_repeated.is_empty(), "{:?}", self.not_repeated);
    }
}

#[tokio::test]
async fn a_lost_read_is_sent_once_more_and_not_twice() {
    let (bench, proxy) = (Bench::postgres().await, FaultProxy::start(cluster()).await);
    let (watcher, side) = (bench.watcher().await, bench.side(&proxy.url(), 1).await);
    let scene = Scene::new(&watcher).await;
    Op::Messages.call(&side, &scene).await.unwrap();

    proxy.arm(Fault::CutBefore(4));
    let lose_the_second_too = async {
        proxy.until_fired().await;
        // Past the start-up, the password and the preparation.
        proxy.arm(Fault::CutBefore(8));
        proxy.until_fired().await;
    };
    let (answer, ()) = tokio::join!(Op::Messages.call(&side, &scene), lose_the_second_too);

    let given_up = matches!(answer, Err(Error::Busy(_)));
    Trial::of(F3, "reads that lost their session twice")
        .wrong("sent a third time", usize::from(!given_up))
        .record();
    assert!(given_up, "{answer:?}");
    Op::Messages.call(&side, &scene).await.unwrap();
}

#[tokio::test]
async fn a_store_outlives_its_server() {
    let server = Cluster::start();
    let store = scrollback::SeaOrmStore::connect(&server.url()).await.unwrap();
    store.migrate(&Users::Managed).await.unwrap();
    let side = Side::over(store);
    let scene = Scene::new(&side).await;

    for _ in 0..3 {
        Op::Get.call(&side, &scene).await.unwrap();
        server.stop_immediate();
        let down = Op::Append.call(&side, &scene).await;
        server.restart();

        assert!(down.is_err_and(|error| error.is_retryable()));
        let mut refusals = 0;
        while let Err(error) = Op::Append.call(&side, &scene).await {
            assert!(error.is_retryable(), "{error:?}");
            refusals += 1;
            assert!(refusals < 10, "the store does not recover: {error:?}");
        }
        assert!(Op::Get.call(&side, &scene).await.is_ok_and(|count| count == "4"));
    }
    side.pool().execute_unprepared("CHECKPOINT").await.unwrap();
}

#[tokio::test]
async fn a_store_follows_an_address_that_leads_to_another_server() {
    let (old, new) = (Cluster::start(), cluster());
    let proxy = FaultProxy::start(new).await;
    let (bench, watched) = (Bench::postgres().await, Op::List);
    let watcher = bench.watcher().await;
    let side = bench.side(&proxy.url(), 1).await;
    let scene = Scene::new(&watcher).await;

    proxy.swap_upstream(old.address());
    proxy.arm(Fault::CutBefore(1));
    let elsewhere = watched.call(&side, &scene).await;
    proxy.swap_upstream(new.address());
    proxy.heal();

    // The other server has another password.
    assert!(matches!(elsewhere, Err(Error::Setup { .. } | Error::Busy(_))), "{elsewhere:?}");
    watched.call(&side, &scene).await.unwrap();
}
