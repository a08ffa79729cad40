//! F13: a store goes on while others migrate its database, also to a later release.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use scrollback::{
    Connect, ConversationStore, Error, Limit, MessageQuery, NewConversation, NewMessage,
    SeaOrmStore, Turn, UserId, Users, conformance::Fixture,
};
use scrollback_proof::{F13, Trial, control};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::{sync::watch, task::JoinSet};

use crate::{concurrent::from_env, database::OnPostgres, support::cluster};

type Store = SeaOrmStore;

/// How many turns all writers have appended; none when one of them has given up.
type Turns = watch::Sender<Option<u64>>;

/// As a later release does it: what exists keeps its meaning.
const ADDED: &str = "ALTER TABLE {schema}.messages ADD COLUMN later text;
    ALTER TABLE {schema}.conversations ADD COLUMN later bigint NOT NULL DEFAULT 0;
    CREATE INDEX later ON {schema}.messages (later);
    INSERT INTO {schema}.scrollback_migrations VALUES ('scrollback_m29990101_later', 1)";

/// As no release may do it.
const RENAMED: &str = "ALTER TABLE {schema}.messages RENAME COLUMN content TO later";

/// How many take part on either side.
const PROCESSES: usize = 16;
const WRITERS: usize = 4;

/// How much is appended before, and after.
const TURNS: u64 = 40;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_store_goes_on_while_others_migrate() {
    // Each takes as long as five of those with processes.
    let rounds =
        from_env("SCROLLBACK_MIGRATION_ROUNDS").map_or(1, |rounds: u64| rounds.div_ceil(5));
    let mut all = Busy::default();
    for _ in 0..rounds {
        all.add(while_migrating(ADDED).await);
    }

    let what = "databases that others migrate, also to a later release, under a running store";
    Trial::of(F13, what)
        .times(rounds)
        .wrong("calls failed", all.failed.len())
        .wrong("turns lost or doubled", all.astray)
        .figure("turns appended meanwhile", all.acknowledged)
        .figure("longest call", format!("{} ms", all.longest.as_millis()))
        .record();
    assert!(all.failed.is_empty(), "{:?}", all.failed);
    assert_eq!(all.astray, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_breaks_a_running_store_is_found() {
    let busy = while_migrating(RENAMED).await;

    let caught = !busy.failed.is_empty();
    control(F13, "a migration that renames a column under a running store", caught, 1);
    assert!(caught);
}

/// What the running store has seen.
#[derive(Default)]
struct Busy {
    acknowledged: u64,
    /// Turns that are stored and were not acknowledged, or the other way round.
    astray: u64,
    failed: Vec<Error>,
    longest: Duration,
}

impl Busy {
    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.astray += other.astray;
        self.failed.extend(other.failed);
        self.longest = self.longest.max(other.longest);
    }

    fn note<T>(&mut self, started: Instant, answer: scrollback::Result<T>) -> bool {
        self.longest = self.longest.max(started.elapsed());
        answer.map_err(|error| self.failed.push(error)).is_ok()
    }
}

/// A store that a busy machine does not hurry.
async fn patient(database: &OnPostgres, connections: u32) -> Store {
    let connect = Connect::new(&cluster().url()).unwrap().with_max_connections(connections);
    let store = database.store_through(connect.with_acquire_timeout(PATIENCE)).await;
    store.with_deadline(PATIENCE)
}

/// Lets a store work while as many others find nothing to do, and then one runs `migration`.
async fn while_migrating(migration: &str) -> Busy {
    let database = OnPostgres::new().await;
    let store = patient(&database, 4).await;
    let turns = Arc::new(Turns::new(Some(0)));
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let owner = database.owner().await;
        writers.spawn(write(store.clone(), owner, Arc::clone(&turns), Arc::clone(&stop)));
    }

    until(&turns, TURNS).await;
    migrate_at_once(&database).await;
    let schema = database.schema().name();
    let script = format!("LOCK TABLE {schema}.conversations, {schema}.messages; {migration}");
    run(&database.schema().connect().await, &script.replace("{schema}", schema)).await;
    let before = turns.borrow().unwrap_or_default();
    until(&turns, before + TURNS).await;

    stop.store(true, Ordering::SeqCst);
    let mut all = Busy::default();
    writers.join_all().await.into_iter().for_each(|busy| all.add(busy));
    all
}

/// A statement that is prepared anew locks the tables in another order than one that is not, so whoever
/// locks both may be the victim of a deadlock. `migrate` is `Busy` then, and is called again.
async fn run(admin: &DatabaseConnection, script: &str) {
    while let Err(error) = admin.execute_unprepared(script).await {
        assert!(error.to_string().contains("deadlock detected"), "{error}");
    }
}

/// Waits for so many turns, or for a writer that gives up.
async fn until(turns: &Turns, many: u64) {
    let enough = |turns: &Option<u64>| turns.is_none_or(|turns| turns >= many);
    turns.subscribe().wait_for(enough).await.expect("the sender is ours");
}

/// What processes do that start again meanwhile.
async fn migrate_at_once(database: &OnPostgres) {
    let mut others = JoinSet::new();
    for _ in 0..PROCESSES {
        let other = patient(database, 1).await;
        others.spawn(async move { other.migrate(&Users::Managed).await });
    }
    others.join_all().await.into_iter().for_each(|answer| answer.unwrap());
}

/// Appends and reads until it is told to stop or a call fails.
async fn write(store: Store, owner: UserId, turns: Arc<Turns>, stop: Arc<AtomicBool>) -> Busy {
    let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
    let mut busy = Busy::default();
    while !stop.load(Ordering::SeqCst) {
        let turn = Turn::new([NewMessage::user("Are you still there?")]).unwrap();
        let started = Instant::now();
        if !busy.note(started, store.append(owner, chat, turn).await) {
            break;
        }
        busy.acknowledged += 1;
        turns.send_modify(|turns| *turns = turns.map(|turns| turns + 1));
        let started = Instant::now();
        let last = MessageQuery::last(Limit::default());
        busy.note(started, store.messages(owner, chat, last).await);
    }
    if busy.failed.is_empty() {
        let stored = store.get(owner, chat).await.unwrap().message_count;
        busy.astray = busy.acknowledged.abs_diff(stored.into());
    } else {
        turns.send_replace(None);
    }
    busy
}
