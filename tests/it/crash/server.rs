//! The server is stopped as a crash would stop it, while the application goes on.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use scrollback::ConversationId;
use sea_orm::{ConnectionTrait, Database};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, block_in_place},
    time::timeout,
};

use super::{damage::damage, survivor::Survivor};
use crate::{
    concurrent::{Clock, Fault, History, Place, Store, check, create, from_env, lists, note},
    support::{Cluster, Random},
};

const WRITERS: u64 = 8;

/// Many times what recovery takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_crash_of_the_server() {
    let cycles = from_env("SCROLLBACK_CRASH_RESTARTS").unwrap_or(3);
    let server = Cluster::start();
    let mut bench = Bench::new(&server).await;

    let (mut history, report) = bench.crash(&server, cycles).await;
    let faults = bench.faults(&history).await;
    bench.send_again(&mut history).await;
    let faults_at_the_end = bench.faults(&history).await;
    let damage = damage(&server).await;

    note(&format!("{cycles} crashes of the server: {report}; {damage}"));
    assert!(report.contains("outcome_unknown"), "no write was under way in any crash: {report}");
    assert!(faults.is_empty(), "{faults:?}");
    assert!(faults_at_the_end.is_empty(), "{faults_at_the_end:?}");
}

/// Commits that wait for nothing are lost in a crash, and the check sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_that_do_not_wait_are_found() {
    let server = Cluster::start();
    let mut bench = Bench::new(&server).await;
    let sql = "ALTER DATABASE postgres SET synchronous_commit = off";
    let connection = Database::connect(server.url()).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    bench.store = bench.place.open(WRITERS as u32).await;

    let (history, _) = bench.crash(&server, 3).await;

    let faults = bench.faults(&history).await;
    assert!(faults.iter().any(|(fault, _)| *fault == Fault::Lost), "{faults:?}");
}

struct Bench {
    place: Place,
    /// Opened once: it must heal by itself.
    store: Store,
    chats: Vec<i64>,
    random: Random,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new(server: &Cluster) -> Self {
        let place = Place::at(server.url()).await;
        let store = place.open(WRITERS as u32).await;
        let chats = create(&store, place.owner(), 4).await;
        let random = Random::new(RandomState::new().hash_one(0));
        Self { place, store, chats, random, folder: tempfile::tempdir().unwrap() }
    }

    fn clock(&self) -> Clock {
        Clock::at(&self.folder.path().join("clock"))
    }

    /// Has everybody write through so many crashes; what was sent, and how it went.
    async fn crash(&mut self, server: &Cluster, cycles: usize) -> (History, String) {
        let acknowledged = Arc::new(Semaphore::new(0));
        let ending = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        for task in 0..WRITERS {
            let (acknowledged, ending) = (Arc::clone(&acknowledged), Arc::clone(&ending));
            writers.spawn(self.writer(task).write(acknowledged, ending));
        }
        let mut healed = Vec::new();
        for _ in 0..cycles {
            // Enough for all connections to be open and in use.
            wait_for(&acknowledged, 500 + self.random.below(1_000)).await;
            block_in_place(|| {
                server.stop_immediate();
                server.restart();
            });
            // Acknowledgements from before the crash are no sign of health.
            acknowledged.forget_permits(usize::MAX);
            let restarted = Instant::now();
            wait_for(&acknowledged, 1).await;
            healed.push(restarted.elapsed());
        }
        wait_for(&acknowledged, 100).await;
        ending.store(true, Ordering::Relaxed);
        let (mut history, mut errors) = (History::default(), BTreeMap::new());
        for (appends, kinds) in writers.join_all().await {
            history.appends.extend(appends);
            for (kind, count) in kinds {
                *errors.entry(kind).or_insert(0) += count;
            }
        }
        let report = report(&history, healed, &errors);
        (history, report)
    }

    fn writer(&mut self, task: u64) -> Survivor {
        Survivor {
            store: Store::clone(&self.store),
            owner: self.place.owner(),
            chats: self.chats.clone(),
            task,
            random: Random::new(self.random.below(1 << 60)),
            hand: self.clock().hand(),
            errors: BTreeMap::new(),
        }
    }

    async fn faults(&self, history: &History) -> Vec<(Fault, String)> {
        check(history, &lists(&self.store, self.place.owner(), &self.chats).await)
    }

    async fn send_again(&self, history: &mut History) {
        let mut hand = self.clock().hand();
        for append in history.appends.iter_mut().filter(|append| append.answer.is_none()) {
            let chat = ConversationId::new(self.chats[append.chat]);
            let turn = append.to_turn();
            let answer = self.store.append(self.place.owner(), chat, turn).await.unwrap();
            append.answer = Some(append.answered(&answer.messages, hand.now()));
        }
    }
}

fn report(history: &History, mut healed: Vec<Duration>, errors: &BTreeMap<String, u32>) -> String {
    healed.sort_unstable();
    let (median, most) = (healed[healed.len() / 2], healed[healed.len() - 1]);
    let unknown = history.appends.iter().filter(|append| append.answer.is_none()).count();
    format!(
        "{} turns by {WRITERS} writers, {unknown} left in doubt, errors {errors:?}, first success \
         after the restart: median {median:?}, longest {most:?}",
        history.appends.len(),
    )
}

/// Waits until so many more turns are acknowledged; a store that never heals ends the test.
async fn wait_for(acknowledged: &Semaphore, turns: u64) {
    let turns = acknowledged.acquire_many(turns as u32);
    timeout(PATIENCE, turns).await.expect("the store heals by itself").unwrap().forget();
}
