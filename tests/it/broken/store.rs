//! A store with one defect: the store in memory, and a flaw that replaces some of its methods.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use scrollback::{
    Appended, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, Error, Limit, MemoryStore, Message, MessageQuery, NewConversation,
    Page, Result, SessionId, Turn, UserId, Version,
    conformance::{Fixture, unused_owner},
};

/// What is right, and what a flaw needs to get it wrong.
#[derive(Debug, Default)]
pub(crate) struct Base {
    pub(crate) store: MemoryStore,
    owners: Mutex<BTreeMap<ConversationId, UserId>>,
}

impl Base {
    pub(crate) async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        let chat = self.store.create(owner, new).await?;
        self.owners.lock().unwrap().insert(chat.id, owner);
        Ok(chat)
    }

    /// Whose conversation this was created as.
    pub(crate) fn owner_of(&self, id: ConversationId) -> Result<UserId> {
        self.owners.lock().unwrap().get(&id).copied().ok_or(Error::NotFound)
    }

    /// Everyone who ever created a conversation.
    pub(super) fn everyone(&self) -> BTreeSet<UserId> {
        self.owners.lock().unwrap().values().copied().collect()
    }

    pub(super) async fn read(&self, owner: UserId, id: ConversationId) -> Result<Vec<Message>> {
        Ok(self.store.messages(owner, id, MessageQuery::first(Limit::MAX)).await?.items)
    }
}

/// One defect; what it does not replace is right.
#[async_trait]
pub(crate) trait Flaw: Debug + Default + Send + Sync + 'static {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        base.create(owner, new).await
    }

    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        base.store.get(owner, id).await
    }

    async fn find_session(
        &self,
        base: &Base,
        owner: UserId,
        session: &SessionId,
    ) -> Result<Conversation> {
        base.store.find_session(owner, session).await
    }

    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        base.store.list(owner, query).await
    }

    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        base.store.update(owner, id, update).await
    }

    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        base.store.delete(owner, id, expected).await
    }

    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.append(owner, id, turn).await
    }

    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        base.store.messages(owner, id, query).await
    }

    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        base.store.erase(owner).await
    }
}

/// No defect: proves that the wrapper itself breaks no rule.
#[derive(Debug, Default)]
pub(super) struct Flawless;

impl Flaw for Flawless {}

/// The store that has the flaw.
#[derive(Clone, Debug, Default)]
struct Broken<F>(Arc<Base>, Arc<F>);

#[async_trait]
impl<F: Flaw> ConversationStore for Broken<F> {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        self.1.create(&self.0, owner, new).await
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        self.1.get(&self.0, owner, id).await
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.1.find_session(&self.0, owner, session).await
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        self.1.list(&self.0, owner, query).await
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        self.1.update(&self.0, owner, id, update).await
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        self.1.delete(&self.0, owner, id, expected).await
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        self.1.append(&self.0, owner, id, turn).await
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        self.1.messages(&self.0, owner, id, query).await
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        self.1.erase(&self.0, owner).await
    }
}

/// Several stores with the flaw over the same data.
#[derive(Default)]
pub(crate) struct Flawed<F>(Broken<F>);

#[async_trait]
impl<F: Flaw> Fixture for Flawed<F> {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(Broken(Arc::clone(&self.0.0), Arc::clone(&self.0.1)))
    }

    async fn owner(&self) -> UserId {
        unused_owner()
    }
}

/// Stores that share nothing, like a cache in each process.
#[derive(Default)]
pub(super) struct Separate;

#[async_trait]
impl Fixture for Separate {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(MemoryStore::new())
    }

    async fn owner(&self) -> UserId {
        unused_owner()
    }
}
