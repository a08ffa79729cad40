//! Many tasks and processes at once: what they did is recorded, and a checker compares it with the
//! contract.
//!
//! `SCROLLBACK_HISTORY_APPENDS` sets how many turns the processes on PostgreSQL append,
//! `SCROLLBACK_HISTORY_KEYS` how many keys are raced for, `SCROLLBACK_HISTORY_SMALL` how many small
//! histories are searched, `SCROLLBACK_DELETE_MESSAGES` how many messages are deleted at once, and
//! `SCROLLBACK_HISTORY_SEED` repeats the choices of a run.

mod altered;
mod big;
mod by_hand;
mod checker;
mod clock;
mod defects;
mod delete;
mod history;
mod load;
mod part;
mod place;
mod readers;
mod reads;
mod same_key;
mod small;
mod verdict;

use std::{
    env,
    hash::{BuildHasher, RandomState},
    path::Path,
    str::FromStr,
    time::Instant,
};

pub(crate) use checker::{Fault, Lists, check};
pub(crate) use clock::{Clock, Hand};
pub(crate) use history::{Answer, Append, From, History, Read, run};
use load::{Load, memory};
pub(crate) use load::{Store, create, lists};
use part::Part;
pub(crate) use place::{Place, execute, on_postgres, on_sqlite};
use scrollback::UserId;
use verdict::verify;

const CHATS: usize = 20;
const PROCESSES: u64 = 2;
const TASKS: u64 = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_in_memory_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (store, clock) = (memory(), Clock::at(&folder.path().join("clock")));
    let owner = UserId::new(1);
    let chats = create(&store, owner, CHATS).await;
    let load = load(owner, chats, (appends() / 5).max(20_000) / TASKS, 0);

    let started = Instant::now();

    let history = load.clone().run(Store::clone(&store), &clock).await;

    let seconds = started.elapsed().as_secs_f64();
    verify("memory", &history, &lists(&store, owner, &load.chats).await, load.seed, seconds);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_on_postgres_keep_the_contract() {
    let (place, _schema) = on_postgres().await;

    by_processes("postgres", &place, appends()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_on_stores_that_group_keep_the_contract() {
    let (place, _schema) = on_postgres().await;

    by_processes("postgres, grouped", &place.grouping(), appends()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_on_sqlite_keep_the_contract() {
    let (place, _folder) = on_sqlite().await;

    by_processes("sqlite", &place, (appends() / 50).max(2_000)).await;
}

/// How many turns are appended on PostgreSQL; the memory gets a fifth, SQLite a fiftieth.
fn appends() -> u64 {
    from_env("SCROLLBACK_HISTORY_APPENDS").unwrap_or(20_000)
}

async fn by_processes(name: &str, place: &Place, appends: u64) {
    let folder = tempfile::tempdir().unwrap();
    let store = place.open(1).await;
    let chats = create(&store, place.owner(), CHATS).await;
    let load = load(place.owner(), chats, appends / PROCESSES / TASKS, 0);
    let parts: Vec<_> = (0..PROCESSES).map(|n| part(place, &load, n, folder.path())).collect();
    let started = Instant::now();

    let children: Vec<_> = parts.iter().map(|part| (part, part.start())).collect();
    let mut history = History::default();
    for (part, child) in children {
        history.add(part.finish(child));
    }

    let seconds = started.elapsed().as_secs_f64();
    let name = format!("{name}, {PROCESSES} processes of {TASKS} tasks");
    verify(&name, &history, &lists(&store, place.owner(), &load.chats).await, load.seed, seconds);
}

fn part(place: &Place, load: &Load, number: u64, folder: &Path) -> Part {
    Part {
        place: place.clone(),
        load: Load { first_task: number * TASKS, ..load.clone() },
        clock: folder.join("clock"),
        report: folder.join(number.to_string()),
    }
}

fn load(owner: UserId, chats: Vec<i64>, appends: u64, first_task: u64) -> Load {
    let seed =
        from_env("SCROLLBACK_HISTORY_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    Load { owner: owner.get(), chats, first_task, tasks: TASKS, appends, seed }
}

pub(crate) fn from_env<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
