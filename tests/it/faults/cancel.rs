//! F11: a call is dropped after every number of polls.

use std::{pin::pin, task::Poll};

use scrollback::{MemoryStore, NewConversation, NewMessage, SeaOrmStore, Tables, Turn, Users};
use scrollback_proof::{F11, Trial, control};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, unique},
    expected::Expected,
    health::{Health, Patient},
    op::Op,
    scene::Scene,
    tally::{Tally, Wrong},
};
use crate::support::{Schema, cluster};

/// Longer than any call here; a count beyond it means that the sweep does not end.
const MOST_POLLS: usize = 200;

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

/// How many polls a call takes.
async fn polls<T>(call: impl Future<Output = T>) -> usize {
    let mut call = pin!(call);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        polls += 1;
        call.as_mut().poll(context).map(drop)
    })
    .await;
    polls
}

/// Polls a call so many times and drops it; its answer if it had one by then.
async fn give_up<T>(call: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut call = pin!(call);
    let mut left = polls;
    std::future::poll_fn(|context| {
        left -= 1;
        match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
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

#[tokio::test]
async fn a_connection_poisoned_by_a_dropped_begin_is_found() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "poison");
    let side = bench.side(&patient.url(&cluster().url()), 1).await;
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

#[tokio::test]
async fn a_dropped_migration_leaves_all_tables_or_none() {
    let schema = Schema::create().await;
    for polls in 1..MOST_POLLS {
        let tables = Tables::default().with_schema(schema.name()).unwrap();
        let tables = tables.with_prefix(&format!("p{polls}_")).unwrap();
        let mut options = schema.options(cluster().url());
        options.max_connections(1);
        let pool = sea_orm::Database::connect(options).await.unwrap();
        let store = SeaOrmStore::new(pool.clone()).with_tables(tables);

        let ended = give_up(store.migrate(&Users::Managed), polls).await;

        store.migrate(&Users::Managed).await.unwrap();
        let ann = store.ensure_user("ann").await.unwrap();
        let side = scrollback::ConversationStoreExt::for_user(&store, ann);
        side.create(NewConversation::new()).await.unwrap();
        pool.close().await.unwrap();
        if ended.is_some() {
            return;
        }
    }
    panic!("the migration takes more than {MOST_POLLS} polls");
}
