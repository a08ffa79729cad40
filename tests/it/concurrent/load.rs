//! Many tasks that append, and readers of every kind beside them.

use std::{sync::Arc, time::Instant};

use futures_util::{StreamExt, TryStreamExt};
use scrollback::{
    ConversationId, ConversationStore, ConversationStoreExt, MemoryStore, NewConversation, UserId,
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    clock::{Clock, Hand},
    history::{Append, History, value},
    readers,
};
use crate::support::Random;

pub(crate) type Store = Arc<dyn ConversationStore>;

/// What one process does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) owner: i64,
    pub(super) chats: Vec<i64>,
    /// Tasks of all processes have different numbers.
    pub(super) first_task: u64,
    pub(super) tasks: u64,
    /// By each task.
    pub(super) appends: u64,
    pub(super) seed: u64,
}

impl Load {
    pub(super) const fn owner(&self) -> UserId {
        UserId::new(self.owner)
    }

    pub(super) fn chat(&self, chat: usize) -> ConversationId {
        ConversationId::new(self.chats[chat])
    }

    /// Runs to the end and returns what was done.
    pub(super) async fn run(self, store: Store, clock: &Clock) -> History {
        let load = Arc::new(self);
        // One permit for every few appends: readers keep pace instead of spinning.
        let pace = Arc::new(Semaphore::new(0));
        let mut readers = readers::start(&store, &load, &pace, clock);
        let mut appenders = JoinSet::new();
        for task in load.first_task..load.first_task + load.tasks {
            let (store, load, pace) = (Arc::clone(&store), Arc::clone(&load), Arc::clone(&pace));
            let hand = clock.hand();
            appenders.spawn(async move { append_all(&store, &load, task, &pace, hand).await });
        }
        let mut history = History::default();
        while let Some(appends) = appenders.join_next().await {
            history.add(appends.unwrap());
        }
        pace.close();
        while let Some(read) = readers.join_next().await {
            history.add(read.unwrap());
        }
        history
    }
}

const APPENDS_PER_READ: u64 = 4;

async fn append_all(
    store: &Store,
    load: &Load,
    task: u64,
    pace: &Semaphore,
    mut hand: Hand,
) -> History {
    let mut random = Random::new(load.seed.wrapping_add(task));
    let mut history = History::default();
    for number in 0..load.appends {
        // Half of them compete for one conversation.
        let chat = if random.below(2) == 0 { 0 } else { random.below(load.chats.len() as u64) };
        let append = Append {
            chat: chat as usize,
            turn: (task << 32) + number,
            size: 1 + random.below(4) as u32,
            invoked: hand.now(),
            answer: None,
        };
        let append = send(store, load, append, &mut hand, &mut history).await;
        history.appends.push(append);
        if number % APPENDS_PER_READ == 0 {
            pace.add_permits(1);
        }
    }
    history
}

/// Sends a turn until it is acknowledged.
async fn send(
    store: &Store,
    load: &Load,
    append: Append,
    hand: &mut Hand,
    history: &mut History,
) -> Append {
    loop {
        let started = Instant::now();
        let answer = store.append(load.owner(), load.chat(append.chat), append.to_turn()).await;
        history.waits.push(started.elapsed().as_micros() as u64);
        match answer {
            Ok(answer) => {
                let answer = append.answered(&answer.messages, hand.now());
                return Append { answer: Some(answer), ..append };
            }
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        history.retries += 1;
    }
}

/// New conversations of an owner.
pub(crate) async fn create(store: &Store, owner: UserId, count: usize) -> Vec<i64> {
    let mut chats = Vec::new();
    for _ in 0..count {
        chats.push(store.create(owner, NewConversation::new()).await.unwrap().id.get());
    }
    chats
}

/// All messages of each conversation: position and content.
pub(crate) async fn lists(store: &Store, owner: UserId, chats: &[i64]) -> Vec<Vec<(u32, u64)>> {
    let mut lists = Vec::new();
    for chat in chats {
        let messages = store.walk_messages(owner, ConversationId::new(*chat));
        let list = messages.map(|message| {
            let message = message?;
            Ok::<_, scrollback::Error>((message.position.get(), value(&message)))
        });
        lists.push(list.try_collect().await.unwrap());
    }
    lists
}

/// The specification.
pub(super) fn memory() -> Store {
    Arc::new(MemoryStore::new())
}
