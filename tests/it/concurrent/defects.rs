//! Stores with one defect each, under the same load: the checker must find it.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use scrollback::{
    Appended, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, MemoryStore, Message, MessageId, MessageQuery, NewConversation,
    Page, Position, Result, SessionId, Turn, TurnKey, UserId, Version,
};
use scrollback_proof::{F14, I4, I6, I7, I9, Row, control};
use tokio::task::yield_now;

use super::{Clock, Fault, check, create, lists, load};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// `ORDER BY created_at`, where a turn has one time.
    OrdersByTime,
    /// Sends again without a key.
    SendsTwice,
    /// Acknowledges what it never stores.
    Forgets,
    /// Stores a turn in several steps.
    StoresMessageByMessage,
    /// Shows the conversation as it was when last looked at.
    ShowsItsCache,
    /// Looks whether the count is the expected one, and appends afterwards.
    ChecksBeforeItActs,
    /// Looks whether the version is the expected one, and changes afterwards.
    ComparesBeforeItActs,
    /// Looks whether the key is known, and appends afterwards.
    LooksKeysUpFirst,
}

/// Each defect, the fault that must be found, the invariants that it breaks, and what it is.
const SEEDED: &[(Defect, Fault, &[Row], &str)] = &[
    (Defect::OrdersByTime, Fault::NotARange, &[I4, I9], "messages ordered by time"),
    (Defect::SendsTwice, Fault::Doubled, &[I7], "turns sent again without their key"),
    (Defect::Forgets, Fault::Lost, &[I7], "turns acknowledged and never stored"),
    (Defect::StoresMessageByMessage, Fault::Torn, &[I6], "turns stored message by message"),
    (Defect::ShowsItsCache, Fault::Stale, &[I4], "a conversation as it was when last looked at"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_seeded_defect_is_found_in_its_history() {
    let mut missed = Vec::new();
    for (defect, expected, rows, text) in SEEDED.iter().copied() {
        let found = is_found(defect, expected).await;
        for row in [F14].iter().chain(rows) {
            control(*row, text, found, 1);
        }
        missed.extend((!found).then_some(defect));
    }
    assert_eq!(missed, []);
}

/// A busy machine may let the readers run only when the writers have ended: so many histories.
const HISTORIES: usize = 20;

async fn is_found(defect: Defect, expected: Fault) -> bool {
    let owner = UserId::new(1);
    for _ in 0..HISTORIES {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (Broken::store(defect), Clock::at(&folder.path().join("clock")));
        let chats = create(&store, owner, 3).await;
        let load = load(owner, chats, 100, 0);
        let history = load.clone().run(Arc::clone(&store), &clock).await;
        let faults = check(&history, &lists(&store, owner, &load.chats).await);
        if faults.iter().any(|(fault, _)| *fault == expected) {
            return true;
        }
    }
    false
}

/// The store in memory, with a defect.
#[derive(Debug)]
pub(super) struct Broken {
    defect: Defect,
    inner: MemoryStore,
    appends: AtomicU32,
    cache: Mutex<HashMap<ConversationId, Conversation>>,
    keys: Mutex<HashMap<TurnKey, Appended>>,
}

impl Broken {
    pub(super) fn store(defect: Defect) -> Arc<dyn ConversationStore> {
        let (inner, appends) = (MemoryStore::new(), AtomicU32::new(0));
        Arc::new(Self { defect, inner, appends, cache: Mutex::default(), keys: Mutex::default() })
    }

    /// The answer that an append would have.
    async fn pretend(&self, owner: UserId, id: ConversationId, turn: &Turn) -> Result<Appended> {
        let chat = self.inner.get(owner, id).await?;
        let new = (chat.message_count + 1..).filter_map(Position::new).zip(turn.messages());
        let messages = new.map(|(position, new)| {
            let (number, key) = (MessageId::new(i64::MAX), turn.key().cloned());
            Message::new(number, id, position, new.clone(), key, chat.updated_at)
        });
        Ok(Appended::stored(messages.collect()))
    }

    async fn append_if(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let count = self.inner.get(owner, id).await?.message_count;
        if turn.expected_count() != Some(count) {
            return self.inner.append(owner, id, turn).await;
        }
        yield_now().await;
        let unconditional = Turn::new(turn.messages().iter().cloned())?;
        let key = turn.key().cloned();
        let turn = key.map_or(unconditional.clone(), |key| unconditional.with_key(key));
        self.inner.append(owner, id, turn).await
    }

    async fn append_unless_known(
        &self,
        owner: UserId,
        id: ConversationId,
        turn: &Turn,
    ) -> Result<Appended> {
        let Some(key) = turn.key() else { return self.inner.append(owner, id, turn.clone()).await };
        let known = self.keys.lock().unwrap().get(key).cloned();
        if let Some(known) = known {
            return Appended::replayed(turn, known.messages);
        }
        yield_now().await;
        let without_key = Turn::new(turn.messages().iter().cloned())?;
        let appended = self.inner.append(owner, id, without_key).await?;
        self.keys.lock().unwrap().insert(key.clone(), appended.clone());
        Ok(appended)
    }

    async fn append_one_by_one(
        &self,
        owner: UserId,
        id: ConversationId,
        turn: &Turn,
    ) -> Result<Appended> {
        let mut messages = Vec::new();
        for message in turn.messages() {
            let one = Turn::new([message.clone()])?;
            messages.extend(self.inner.append(owner, id, one).await?.messages);
            yield_now().await;
        }
        Ok(Appended::stored(messages))
    }
}

#[async_trait]
impl ConversationStore for Broken {
    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let number = self.appends.fetch_add(1, Ordering::Relaxed);
        let without_key = || Turn::new(turn.messages().iter().cloned());
        match self.defect {
            Defect::Forgets if number % 100 == 99 => self.pretend(owner, id, &turn).await,
            Defect::SendsTwice if number % 100 == 99 => {
                self.inner.append(owner, id, without_key()?).await?;
                self.inner.append(owner, id, turn).await
            }
            Defect::StoresMessageByMessage => self.append_one_by_one(owner, id, &turn).await,
            Defect::ChecksBeforeItActs => self.append_if(owner, id, turn).await,
            Defect::LooksKeysUpFirst => self.append_unless_known(owner, id, &turn).await,
            _ => self.inner.append(owner, id, turn).await,
        }
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = self.inner.messages(owner, id, query).await?;
        if self.defect == Defect::OrdersByTime {
            page.items.sort_by_key(|message| (message.created_at, Reverse(message.position)));
        }
        Ok(page)
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let now = self.inner.get(owner, id).await?;
        let before = self.cache.lock().unwrap().insert(id, now.clone());
        let shows_before = self.defect == Defect::ShowsItsCache;
        Ok(before.filter(|_| shows_before).unwrap_or(now))
    }

    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        self.inner.create(owner, new).await
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.inner.find_session(owner, session).await
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        self.inner.list(owner, query).await
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        if self.defect == Defect::ComparesBeforeItActs {
            let expected = update.expected_version.take();
            self.inner.get(owner, id).await?.check_version(expected)?;
            yield_now().await;
        }
        self.inner.update(owner, id, update).await
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        self.inner.delete(owner, id, expected).await
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        self.inner.erase(owner).await
    }
}
