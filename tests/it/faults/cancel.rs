//! F11: a call is dropped after every number of polls.

use std::{pin::pin, task::Poll};

use scrollback::{MemoryStore, NewConversation, NewMessage, SeaOrmStore, Tables, Turn, Users};
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, rows, unique, with_parameter},
    expected::Expected,
    op::Op,
    scene::Scene,
};
use crate::support::{Schema, cluster};

/// Longer than any call here; a count beyond it means that the sweep does not end.
pub(super) const MOST_POLLS: usize = 200;

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
}

impl Sweep<'_> {
    /// Drops the call after one poll, after two, until it ends; the number of drops.
    async fn over(&self, op: Op, pool: Pool) -> usize {
        let side = self.bench.side(&self.url, 1).await;
        for polls in 1..MOST_POLLS {
            if self.drop_after(polls, op, pool, &side).await {
                return polls - 1;
            }
        }
        panic!("{op:?} on a pool that is {pool:?} takes more than {MOST_POLLS} polls");
    }

    /// The same where the call must connect first. The driver hashes the password in hundreds of
    /// polls, all alike: most of them are passed over.
    async fn over_connecting(&self, op: Op) -> usize {
        let scene = Scene::new(&self.watcher).await;
        let side = self.bench.side(&self.url, 1).await;
        let polls = polls(op.call(&side, &scene)).await;
        let swept = (1..polls).filter(|n| *n < 12 || n % 50 == 0 || polls - n < 12);
        let mut drops = 0;
        for polls in swept {
            let side = self.bench.side(&self.url, 1).await;
            self.drop_after(polls, op, Pool::Cold, &side).await;
            drops += 1;
        }
        drops
    }

    /// Whether the call ended before it was dropped.
    async fn drop_after(&self, polls: usize, op: Op, pool: Pool, side: &Side) -> bool {
        let expected = Expected::of(op, &self.watcher).await;
        let scene = Scene::new(&self.watcher).await;
        let other = async { drop(Op::List.call(side, &scene).await.unwrap()) };
        let call = give_up(op.call(side, &scene), polls);

        let ended = match pool {
            Pool::Taken => tokio::join!(other, call).1,
            _ => call.await,
        };

        let at = format!("{op:?} on a pool that is {pool:?}, {polls} polls");
        lasts(side, &self.watcher).await.unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
        let found = scene.state().await;
        expected.judge_dropped(&found).unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
        expected.settle(side, &scene).await.unwrap_or_else(|wrong| panic!("{at}: {wrong}"));
        ended.is_some()
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
pub(super) async fn give_up<T>(call: impl Future<Output = T>, polls: usize) -> Option<T> {
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

/// A hundred calls more, all of which are right.
async fn serves(side: &Side, watcher: &Side) {
    let owner = watcher.owner(&unique("later")).await;
    let chat = side.store.create(owner, NewConversation::new()).await.unwrap();
    for n in 1..=50 {
        let turn = Turn::new([NewMessage::user("later")]).unwrap();
        let appended = side.store.append(owner, chat.id, turn).await.unwrap();
        assert_eq!(appended.messages[0].position.get(), n);
        assert_eq!(side.store.get(owner, chat.id).await.unwrap().message_count, n);
    }
}

/// How many sessions of this name hold a transaction open.
pub(super) async fn open_transactions(watcher: &Side, application: &str) -> usize {
    let sql = format!(
        "SELECT 1 FROM pg_stat_activity
         WHERE application_name = '{application}' AND state LIKE 'idle in transaction%'"
    );
    rows(&watcher.pool(), &sql).await.len()
}

#[tokio::test]
async fn a_dropped_call_poisons_no_connection_of_postgres() {
    let (bench, application) = (Bench::postgres().await, unique("cancel"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let sweep = Sweep { bench: &bench, watcher: bench.watcher().await, url };
    let mut drops = 0;

    for op in Op::ALL {
        drops += sweep.over(op, Pool::Warm).await + sweep.over(op, Pool::Taken).await;
    }
    for op in [Op::Append, Op::Messages] {
        drops += sweep.over_connecting(op).await;
    }

    assert!(drops > 2 * Op::ALL.len(), "{drops} drops");
    serves(&bench.side(&sweep.url, 1).await, &sweep.watcher).await;
    assert_eq!(open_transactions(&sweep.watcher, &application).await, 0);
}

#[tokio::test]
async fn a_dropped_call_leaves_sqlite_usable() {
    let bench = Bench::sqlite().await;
    let sweep = Sweep { bench: &bench, watcher: bench.watcher().await, url: String::new() };
    let mut drops = 0;

    for op in Op::ALL {
        drops += sweep.over(op, Pool::Warm).await + sweep.over(op, Pool::Taken).await;
    }

    assert!(drops > Op::ALL.len(), "{drops} drops");
    serves(&bench.side("", 1).await, &sweep.watcher).await;
}

#[tokio::test]
async fn a_dropped_call_leaves_the_memory_store_usable() {
    let bench = Bench::Memory(MemoryStore::new());
    let sweep = Sweep { bench: &bench, watcher: bench.watcher().await, url: String::new() };

    for op in Op::of_the_trait() {
        sweep.over(*op, Pool::Taken).await;
    }

    serves(&sweep.watcher, &sweep.watcher).await;
}

#[tokio::test]
async fn a_connection_poisoned_by_a_dropped_begin_is_found() {
    let (bench, application) = (Bench::postgres().await, unique("poison"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let (watcher, side) = (bench.watcher().await, bench.side(&url, 1).await);
    let pool = side.pool();

    // One poll sends it when the connection is back already, two when it is not.
    for polls in [1, 2].into_iter().cycle().take(MOST_POLLS) {
        lasts(&side, &watcher).await.unwrap();
        give_up(pool.begin(), polls).await;
        if lasts(&side, &watcher).await.is_err() {
            assert_eq!(open_transactions(&watcher, &application).await, 1);
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
