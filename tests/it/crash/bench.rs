//! A store that is opened once, and those who use it whatever happens to the server.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use scrollback::{ConversationId, Error};
use sea_orm::sqlx::{Connection, PgConnection, raw_sql};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

use super::{
    reader::Reader,
    survivor::{Habit, Survivor},
    told::Told,
};
use crate::{
    concurrent::{Clock, Fault, History, Place, Store, check, create, lists},
    support::Random,
};

/// Many times what recovering takes, or filling a disk.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

pub(super) struct Bench {
    pub(super) place: Place,
    pub(super) store: Store,
    pub(super) chats: Vec<i64>,
    pub(super) random: Random,
    pub(super) seed: u64,
    folder: tempfile::TempDir,
}

impl Bench {
    pub(super) async fn over(place: Place, connections: u32) -> Self {
        // All of them: of one connection, no call may be under way when the server ends it.
        let store: Store = Arc::new(place.sql_store_of(connections).await);
        let chats = create(&store, place.owner(), 4).await;
        let seed = RandomState::new().hash_one(0);
        let (random, folder) = (Random::new(seed), tempfile::tempdir().unwrap());
        Self { place, store, chats, random, seed, folder }
    }

    fn clock(&self) -> Clock {
        Clock::at(&self.folder.path().join("clock"))
    }

    /// Has them start.
    pub(super) fn start(&mut self, crew: &Crew) -> Crowd {
        let signals = Arc::new(Signals {
            acknowledged: Semaphore::new(0),
            refused: Semaphore::new(0),
            ending: AtomicBool::new(false),
        });
        let mut all = JoinSet::new();
        for task in 0..crew.writers {
            all.spawn(self.writer(task, crew).write(Arc::clone(&signals)));
        }
        for _ in 0..crew.readers {
            all.spawn(self.reader().read(Arc::clone(&signals)));
        }
        Crowd { signals, all }
    }

    fn writer(&mut self, task: u64, crew: &Crew) -> Survivor {
        Survivor {
            store: Store::clone(&self.store),
            owner: self.place.owner(),
            chats: self.chats.clone(),
            task,
            random: Random::new(self.random.below(1 << 60)),
            hand: self.clock().hand(),
            habit: crew.habit,
            allowed: crew.allowed,
            told: Told::default(),
        }
    }

    fn reader(&mut self) -> Reader {
        Reader {
            store: Store::clone(&self.store),
            owner: self.place.owner(),
            chats: self.chats.clone(),
            random: Random::new(self.random.below(1 << 60)),
            hand: self.clock().hand(),
            told: Told::default(),
        }
    }

    pub(super) async fn faults(&self, history: &History) -> Vec<(Fault, String)> {
        check(history, &lists(&self.store, self.place.owner(), &self.chats).await)
    }

    /// All that is wrong: as things are, and when everything in doubt was sent again.
    pub(super) async fn audit(&self, mut history: History) -> Vec<(Fault, String)> {
        let mut faults = self.faults(&history).await;
        let mut hand = self.clock().hand();
        for append in history.appends.iter_mut().filter(|append| append.answer.is_none()) {
            let chat = ConversationId::new(self.chats[append.chat]);
            let turn = append.to_turn();
            let answer = self.store.append(self.place.owner(), chat, turn).await.unwrap();
            append.answer = Some(append.answered(&answer.messages, hand.now()));
        }
        faults.extend(self.faults(&history).await);
        faults
    }
}

/// Who uses the store.
pub(super) struct Crew {
    pub(super) writers: u64,
    pub(super) readers: u64,
    pub(super) habit: Habit,
    /// The errors that writes may end with.
    pub(super) allowed: fn(&Error) -> bool,
}

/// What passes between a test and its crowd.
pub(super) struct Signals {
    /// A permit for each turn that was acknowledged.
    pub(super) acknowledged: Semaphore,
    /// A permit for each that was not.
    pub(super) refused: Semaphore,
    pub(super) ending: AtomicBool,
}

/// Those who use the store.
pub(super) struct Crowd {
    pub(super) signals: Arc<Signals>,
    all: JoinSet<Told>,
}

impl Crowd {
    /// Waits until so many more turns are acknowledged; a store that never heals ends the test.
    pub(super) async fn acknowledge(&self, turns: u64) {
        let turns = self.signals.acknowledged.acquire_many(turns as u32);
        timeout(PATIENCE, turns).await.expect("the store heals by itself").unwrap().forget();
    }

    /// Waits until so many more calls have failed.
    pub(super) async fn fail(&self, calls: u32) {
        self.signals.refused.forget_permits(usize::MAX);
        let calls = self.signals.refused.acquire_many(calls);
        timeout(PATIENCE, calls).await.expect("the fault is noticed").unwrap().forget();
    }

    /// How long it takes from now until a turn is acknowledged.
    pub(super) async fn until_healed(&self) -> Duration {
        // Acknowledgements from before are no sign of health.
        self.signals.acknowledged.forget_permits(usize::MAX);
        let start = Instant::now();
        self.acknowledge(1).await;
        start.elapsed()
    }

    /// Has everybody end, after a few more turns.
    pub(super) async fn end(self) -> Told {
        self.acknowledge(100).await;
        self.signals.ending.store(true, Ordering::Relaxed);
        let mut told = Told::default();
        for one in self.all.join_all().await {
            told.add(one);
        }
        told
    }
}

/// Waits until the server accepts connections.
pub(super) async fn until_up(url: &str) {
    let connect = async { while PgConnection::connect(url).await.is_err() {} };
    timeout(PATIENCE, connect).await.expect("the server comes up again");
}

/// Waits until the server ends this session.
pub(super) async fn until_gone(mut session: PgConnection) {
    let ask = async { while raw_sql("SELECT 1").execute(&mut session).await.is_ok() {} };
    timeout(PATIENCE, ask).await.expect("the server ends all sessions");
}
