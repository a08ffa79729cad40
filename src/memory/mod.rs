//! The store in memory: the executable specification of the contract.

mod owned;

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::{Error, Result},
    id::{ConversationId, UserId},
    key::SessionId,
    memory::owned::Owned,
    message::Message,
    message_query::{MessageQuery, MessageWindow},
    new_conversation::NewConversation,
    page::Page,
    store::{ConversationStore, Erased},
    turn::{Appended, Turn},
    version::Version,
};

/// Keeps everything in memory, with the behaviour of the stores that keep it for good.
///
/// For tests, examples and as the specification that the other stores are compared with. What is
/// not in an owner's own map does not exist for that owner. Owners are locked one by one, so nobody
/// waits for anybody else; message bodies are shared with the answers, not copied. Clones share
/// their data. Any [`UserId`] is accepted as an owner.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationStore, MemoryStore, NewConversation, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let store = MemoryStore::new();
///
/// let chat = store.create(UserId::new(1), NewConversation::new()).await?;
///
/// assert_eq!(store.clone().get(UserId::new(1), chat.id).await?, chat);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    shards: [RwLock<HashMap<UserId, Arc<Mutex<Owned>>>>; SHARDS],
    hasher: RandomState,
    ids: Ids,
}

/// The maps of owners are locked only to find one; more of them let more threads do that at once.
const SHARDS: usize = 32;

/// The numbers for conversations and messages; shared by all owners, as in a database.
#[derive(Default)]
struct Ids {
    conversation: AtomicI64,
    message: AtomicI64,
}

impl Ids {
    fn conversation(&self) -> i64 {
        self.conversation.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number before the first of `n` new ones.
    fn messages(&self, n: usize) -> i64 {
        self.message.fetch_add(i64::try_from(n).unwrap_or(i64::MAX), Ordering::Relaxed)
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
            hasher: RandomState::default(),
            ids: Ids::default(),
        }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn shard(&self, owner: UserId) -> &RwLock<HashMap<UserId, Arc<Mutex<Owned>>>> {
        let hash = self.0.hasher.hash_one(owner);
        &self.0.shards[hash as usize % SHARDS]
    }

    /// Runs `work` on what the owner has; an owner who never had anything has nothing.
    fn with<T>(&self, owner: UserId, work: impl FnOnce(&mut Owned) -> Result<T>) -> Result<T> {
        let shard = self.shard(owner).read().unwrap_or_else(PoisonError::into_inner);
        let owned = shard.get(&owner).map(Arc::clone).ok_or(Error::NotFound)?;
        drop(shard);
        work(&mut lock(&owned))
    }

    /// Runs `work` on what the owner has or is about to have.
    fn with_new<T>(&self, owner: UserId, work: impl FnOnce(&mut Owned) -> Result<T>) -> Result<T> {
        let mut shard = self.shard(owner).write().unwrap_or_else(PoisonError::into_inner);
        let owned = Arc::clone(shard.entry(owner).or_default());
        drop(shard);
        work(&mut lock(&owned))
    }
}

/// Nothing panics while a lock is held, and no call leaves half a change: the data is whole.
fn lock(owned: &Mutex<Owned>) -> MutexGuard<'_, Owned> {
    owned.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl ConversationStore for MemoryStore {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        self.with_new(owner, |owned| owned.create(owner, new, || self.0.ids.conversation()))
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        self.with(owner, |owned| owned.get(id))
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.with(owner, |owned| owned.find_session(session))
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        let seek = query.seek(owner)?;
        let rows = match self.with(owner, |owned| Ok(owned.list(&seek))) {
            Err(Error::NotFound) => Vec::new(),
            rows => rows?,
        };
        Ok(query.page(owner, &seek, rows))
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        self.with(owner, |owned| owned.update(id, update))
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        self.with(owner, |owned| owned.delete(id, expected))
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        self.with(owner, |owned| owned.append(id, &turn, |n| self.0.ids.messages(n)))
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let (count, items) = self.with(owner, |owned| owned.messages(id, &window))?;
        Ok(MessageWindow::page(owner, id, count, items))
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        // The owner's map stays, empty: a call that holds it already must not write into thin air.
        match self.with(owner, |owned| Ok(owned.erase())) {
            Err(Error::NotFound) => Ok(Erased::default()),
            erased => erased,
        }
    }
}

/// Shows no data.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::NewMessage;

    #[tokio::test]
    async fn numbers_start_at_1_as_in_a_database() {
        let (store, ann) = (MemoryStore::new(), UserId::new(1));
        let chat = store.create(ann, NewConversation::new()).await.unwrap().id;
        let turn = Turn::new(["a", "b"].map(NewMessage::user)).unwrap();

        let mut stored = store.append(ann, chat, turn.clone()).await.unwrap().messages;
        stored.extend(store.append(ann, chat, turn).await.unwrap().messages);

        let numbers: Vec<_> = stored.iter().map(|message| message.id.get()).collect();
        assert_eq!((chat.get(), numbers), (1, vec![1, 2, 3, 4]));
        assert_eq!(format!("{store:?}"), "MemoryStore { .. }");
    }
}
