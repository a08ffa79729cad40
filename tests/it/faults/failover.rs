//! Writers that go on while their server is replaced.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use futures_util::TryStreamExt;
use scrollback::{
    ConversationId, ConversationStore, ConversationStoreExt, Error, NewConversation, NewMessage,
    Turn, TurnKey, UserId, Users,
};
use sea_orm::ConnectionTrait;
use tokio::{
    task::{JoinHandle, yield_now},
    time::timeout,
};

use super::bench::{Side, rows};
use crate::support::{Cluster, FaultProxy};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A primary, its standby, and the address by which the store knows whichever serves.
pub(super) struct Failover {
    pub(super) primary: Cluster,
    pub(super) standby: Cluster,
    pub(super) proxy: FaultProxy,
    pub(super) side: Side,
    owner: UserId,
}

/// Who answers at the address, as far as can be known from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    Primary,
    /// Every writer has been refused by the standby at least once.
    Standby,
    Promoted,
}

/// What the writers were told.
#[derive(Debug, Default)]
pub(super) struct Told {
    phase: AtomicU8,
    stop: AtomicBool,
    pub(super) acknowledged: [AtomicUsize; 3],
    pub(super) read_only: AtomicUsize,
    pub(super) unknown: AtomicUsize,
    reads: AtomicUsize,
    /// Errors that a host would not expect of a server that is being replaced.
    pub(super) odd: Mutex<Vec<String>>,
}

impl Told {
    pub(super) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, SeqCst);
    }

    pub(super) fn acknowledged_in(&self, phase: Phase) -> usize {
        self.acknowledged[phase as usize].load(SeqCst)
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.load(SeqCst)
    }

    fn acknowledge(&self) {
        self.acknowledged[usize::from(self.phase.load(SeqCst))].fetch_add(1, SeqCst);
    }
}

/// Waits for something that others bring about.
pub(super) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            yield_now().await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("it comes about within a minute");
}

impl Failover {
    /// `synchronous`: a write is acknowledged only when the standby has it.
    pub(super) async fn new(synchronous: bool) -> Self {
        let primary = Cluster::start();
        let proxy = FaultProxy::start(&primary).await;
        let store = scrollback::SeaOrmStore::connect(&proxy.url()).await.unwrap();
        store.migrate(&Users::Managed).await.unwrap();
        let owner = store.ensure_user("ann").await.unwrap();
        let side = Side::over(store);
        let standby = primary.start_standby();
        let this = Self { primary, standby, proxy, side, owner };
        this.replicate(synchronous).await;
        this
    }

    async fn replicate(&self, synchronous: bool) {
        let pool = self.side.pool();
        if synchronous {
            let every = "ALTER SYSTEM SET synchronous_standby_names = '*'";
            pool.execute_unprepared(every).await.unwrap();
            pool.execute_unprepared("SELECT pg_reload_conf()").await.unwrap();
        }
        let state = if synchronous { "sync" } else { "async" };
        let streams = format!(
            "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'"
        );
        until(async || !rows(&pool, &streams).await.is_empty()).await;
    }

    /// Waits until the standby has all that the primary has at this moment.
    pub(super) async fn caught_up(&self) {
        let pool = self.side.pool();
        let now = rows(&pool, "SELECT pg_current_wal_lsn()::text").await;
        let now: String = now[0].try_get_by_index(0).unwrap();
        let replayed = format!("SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= '{now}'");
        until(async || !rows(&pool, &replayed).await.is_empty()).await;
    }

    /// The server dies, and its address leads to the standby.
    pub(super) fn fail(&self) {
        self.primary.stop_immediate();
        self.proxy.swap_upstream(self.standby.address());
    }

    pub(super) async fn writers(&self, count: usize, told: &Arc<Told>) -> Vec<Writer> {
        let mut writers = Vec::new();
        for _ in 0..count {
            let chat = self.side.store.create(self.owner, NewConversation::new()).await.unwrap().id;
            let (store, told) = (Arc::clone(&self.side.store), Arc::clone(told));
            let refused = Arc::new(AtomicBool::new(false));
            let task = write(store, self.owner, chat, told, Arc::clone(&refused));
            writers.push(Writer { chat, refused, task: tokio::spawn(task) });
        }
        writers
    }

    /// Stops the writers and compares what they were told with what is there.
    pub(super) async fn compare(&self, told: &Told, writers: Vec<Writer>) -> Outcome {
        told.stop.store(true, SeqCst);
        let mut outcome = Outcome::default();
        for writer in writers {
            let acknowledged = writer.task.await.unwrap();
            let messages = self.side.store.walk_messages(self.owner, writer.chat);
            let messages: Vec<_> = messages.try_collect().await.unwrap();
            let stored: Vec<_> =
                messages.iter().map(|message| message.content.to_string()).collect();
            for turn in &acknowledged {
                match stored.iter().filter(|text| *text == turn).count() {
                    0 => outcome.lost += 1,
                    1 => {}
                    _ => outcome.doubled += 1,
                }
            }
            outcome.acknowledged += acknowledged.len();
        }
        outcome
    }
}

pub(super) struct Writer {
    chat: ConversationId,
    /// Whether it has been told `ReadOnly`.
    pub(super) refused: Arc<AtomicBool>,
    task: JoinHandle<Vec<String>>,
}

/// What acknowledged turns have become.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) acknowledged: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}

/// Sends one turn after another, each with one key until it is acknowledged; those that were.
async fn write(
    store: Arc<dyn ConversationStore>,
    owner: UserId,
    chat: ConversationId,
    told: Arc<Told>,
    refused: Arc<AtomicBool>,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    while !told.stop.load(SeqCst) {
        let key = TurnKey::generate();
        let turn = Turn::new([NewMessage::user(key.as_str())]).unwrap().with_key(key.clone());
        while !told.stop.load(SeqCst) {
            match store.append(owner, chat, turn.clone()).await {
                Ok(_) => {
                    told.acknowledge();
                    acknowledged.push(key.as_str().to_owned());
                    break;
                }
                Err(Error::ReadOnly(_)) => {
                    told.read_only.fetch_add(1, SeqCst);
                    refused.store(true, SeqCst);
                    let read = store.get(owner, chat).await;
                    told.reads.fetch_add(usize::from(read.is_ok()), SeqCst);
                }
                Err(Error::OutcomeUnknown(_)) => drop(told.unknown.fetch_add(1, SeqCst)),
                Err(Error::Busy(_)) => {}
                Err(other) => told.odd.lock().unwrap().push(format!("{other:?}")),
            }
        }
    }
    acknowledged
}

/// Since when, in words.
pub(super) fn since(then: Instant) -> String {
    format!("{} ms", then.elapsed().as_millis())
}
