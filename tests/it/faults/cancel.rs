//! F11: a call is dropped after every number of polls.

use scrollback::{MemoryStore, NewConversation, NewMessage, Turn};
use scrollback_proof::{F11, Trial, control};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, unique},
    expected::Expected,
    health::{Health, Patient},
    op::Op,
    polls::{MOST_POLLS, give_up, polls},
    scene::Scene,
    tally::{Tally, Wrong},
};
use crate::support::cluster;

/// In which state the pool of one connection is when the call begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pool {
    Warm,
    Cold,
    /// Another call has the connection, which is free again before the call is dropped.
    Taken,
}

struct Sweep<'a> {
    bench: &'a Bench,
    watcher: Side,
    url: String,
    dropped: Dropped,
}

/// What the drops did.
#[derive(Debug, Default)]
struct Dropped {
    /// Calls that were dropped, and what they left.
    tally: Tally,
    /// What the next borrower wrote and nobody else saw.
    poisoned: Vec<String>,
}

impl<'a> Sweep<'a> {
    async fn new(bench: &'a Bench, url: String) -> Self {
        Self { bench, watcher: bench.watcher().await, url, dropped: Dropped::default() }
    }

    /// Drops the call after one poll, after two, until it ends.
    async fn over(&mut self, op: Op, pool: Pool) {
        let side = self.bench.side(&self.url, 1).await;
        for polls in 1..MOST_POLLS {
            if self.drop_after(polls, op, pool, &side).await {
                return;
            }
        }
        panic!("{op:?} on a pool that is {pool:?} takes more than {MOST_POLLS} polls");
    }

    /// The same where the call must connect first. The driver hashes the password in hundreds of
    /// polls, all alike: most of them are passed over.
    async fn over_connecting(&mut self, op: Op) {
        let scene = Scene::new(&self.watcher).await;
        let side = self.bench.side(&self.url, 1).await;
        let polls = polls(op.call(&side, &scene)).await;
        for polls in (1..polls).filter(|n| *n < 12 || n % 50 == 0 || polls - n < 12) {
            let side = self.bench.side(&self.url, 1).await;
            self.drop_after(polls, op, Pool::Cold, &side).await;
        }
    }

    /// Whether the call ended before it was dropped.
    async fn drop_after(&mut self, polls: usize, op: Op, pool: Pool, side: &Side) -> bool {
        let expected = Expected::of(op, &self.watcher).await;
        let scene = Scene::new(&self.watcher).await;
        let other = async { drop(Op::List.call(side, &scene).await.unwrap()) };
        let call = give_up(op.call(side, &scene), polls);

        let ended = match pool {
            Pool::Taken => tokio::join!(other, call).1,
            _ => call.await,
        };

        let at = format!("{op:?} on a pool that is {pool:?}, {polls} polls");
        let next = lasts(side, &self.watcher).await;
        let (found, dropped) = (scene.state().await, &mut self.dropped);
        dropped.poisoned.extend(next.err().map(|wrong| format!("{at}: {wrong}")));
        dropped.tally.note(&at, expected.judge_dropped(&found));
        dropped.tally.note(&at, expected.settle(side, &scene).await);
        dropped.tally.calls += usize::from(ended.is_none());
        ended.is_some()
    }

    /// Writes down what came of it, with the later calls that were not right.
    fn record(&self, store: &str, health: Health, later: usize) {
        let Dropped { tally, poisoned } = &self.dropped;
        Trial::of(F11, format!("calls dropped after every number of polls, {store}"))
            .times(tally.calls)
            .wrong("connections poisoned: the next write acknowledged and lost", poisoned.len())
            .wrong("sessions idle in transaction", health.open_transactions)
            .wrong("torn", tally.count(Wrong::Torn))
            .wrong("doubled", tally.count(Wrong::Doubled))
            .wrong("not settled by a repetition", tally.count(Wrong::Unsettled))
            .wrong("of 100 calls more, wrong ones", later)
            .record();
    }

    fn assert_right(&self, health: Health, later: usize) {
        let Dropped { tally, poisoned } = &self.dropped;
        assert!(poisoned.is_empty(), "{poisoned:#?}");
        tally.assert_right();
        health.assert_well();
        assert_eq!(later, 0, "later calls were wrong");
        assert!(tally.calls > Op::ALL.len(), "{} drops", tally.calls);
    }
}

/// Whether what the next borrower of the connection writes is there for others.
async fn lasts(side: &Side, watcher: &Side) -> Result<(), String> {
    let owner = watcher.owner(&unique("next")).await;
    let chat = side.store.create(owner, NewConversation::new()).await;
    let chat = chat.map_err(|error| format!("the next call failed: {error:?}"))?;
    match watcher.store.get(owner, chat.id).await {
        Ok(found) if found == chat => Ok(()),
        other => Err(format!("the next write was acknowledged and is lost: {other:?}")),
    }
}

/// A hundred calls more; how many of them are wrong.
async fn serves(side: &Side, watcher: &Side) -> usize {
    let owner = watcher.owner(&unique("later")).await;
    let chat = side.store.create(owner, NewConversation::new()).await.unwrap();
    let mut wrong = 0;
    for n in 1..=50 {
        let turn = Turn::new([NewMessage::user("later")]).unwrap();
        let appended = side.store.append(owner, chat.id, turn).await;
        let found = side.store.get(owner, chat.id).await;
        wrong += usize::from(!appended.is_ok_and(|it| it.messages[0].position.get() == n));
        wrong += usize::from(!found.is_ok_and(|chat| chat.message_count == n));
    }
    wrong
}

#[tokio::test]
async fn a_dropped_call_poisons_no_connection_of_postgres() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "cancel");
    let mut sweep = Sweep::new(&bench, patient.url(&cluster().url())).await;

    for op in Op::ALL {
        sweep.over(op, Pool::Warm).await;
        sweep.over(op, Pool::Taken).await;
    }
    for op in [Op::Append, Op::Messages] {
        sweep.over_connecting(op).await;
    }

    let side = bench.side(&sweep.url, 1).await;
    let later = serves(&side, &sweep.watcher).await;
    let health = patient.examine(&side).await;
    health.record("calls dropped at every await");
    sweep.record("postgres", health, later);
    sweep.assert_right(health, later);
}

#[tokio::test]
async fn a_dropped_call_leaves_sqlite_usable() {
    let bench = Bench::sqlite().await;
    let mut sweep = Sweep::new(&bench, String::new()).await;

    for op in Op::ALL {
        sweep.over(op, Pool::Warm).await;
        sweep.over(op, Pool::Taken).await;
    }

    let later = serves(&bench.side("", 1).await, &sweep.watcher).await;
    sweep.record("sqlite", Health::default(), later);
    sweep.assert_right(Health::default(), later);
}

#[tokio::test]
async fn a_dropped_call_leaves_the_memory_store_usable() {
    let bench = Bench::Memory(MemoryStore::new());
    let mut sweep = Sweep::new(&bench, String::new()).await;

    for op in Op::of_the_trait() {
        sweep.over(*op, Pool::Taken).await;
    }

    let later = serves(&sweep.watcher, &sweep.watcher).await;
    assert!(sweep.dropped.poisoned.is_empty() && later == 0, "{:?}", sweep.dropped);
    sweep.dropped.tally.assert_right();
}

/// The same as the control below, by way of a store.
#[tokio::test]
async fn a_dropped_transaction_of_the_hosts_poisons_no_connection() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "begun");
    let side = bench.side(&patient.url(&cluster().url()), 1).await;
    let (mut drops, mut poisoned) = (0, 0);

    for polls in [1, 2, 3].into_iter().cycle().take(MOST_POLLS) {
        let begun = give_up(side.sql.as_ref().unwrap().begin(), polls).await;
        drops += usize::from(begun.is_none());
        drop(begun);
        poisoned += usize::from(lasts(&side, &patient.watcher).await.is_err());
    }
    let health = patient.examine(&side).await;

    Trial::of(F11, "transactions of the host's, begun by a store and dropped before they were")
        .times(drops)
        .wrong("connections poisoned: the next write acknowledged and lost", poisoned)
        .wrong("transactions left open", health.open_transactions)
        .record();
    assert!(drops > 10, "{drops} drops");
    assert_eq!(poisoned, 0);
    health.assert_well();
}

#[tokio::test]
async fn a_connection_poisoned_by_a_dropped_begin_is_found() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "poison");
    let url = patient.url(&cluster().url());
    // SeaORM's own: from ours such a connection is gone.
    let side = bench.side_of_sea_orm(&url).await;
    let (watcher, pool) = (&patient.watcher, side.pool());

    // One poll sends it when the connection is back already, two when it is not.
    for polls in [1, 2].into_iter().cycle().take(MOST_POLLS) {
        lasts(&side, watcher).await.unwrap();
        give_up(pool.begin(), polls).await;
        if lasts(&side, watcher).await.is_err() {
            let health = patient.now(&side).await;
            let caught = health.open_transactions == 1;
            control(F11, "a `BEGIN` that is dropped while it is on its way", caught, 1);
            assert!(caught, "{health:?}");
            return pool.execute_unprepared("ROLLBACK").await.map(drop).unwrap();
        }
    }
    panic!("no dropped `BEGIN` poisoned the connection");
}
