//! Conversations that are deleted, and owners that are erased, wrongly.

use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;
use scrollback::{
    Appended, Conversation, ConversationId, ConversationQuery, ConversationStore, Erased, Error,
    Limit, Message, MessageQuery, NewConversation, Page, Result, Turn, UserId, Version,
};

use super::store::{Base, Flaw};

/// Messages outlive their conversation.
#[derive(Debug, Default)]
pub(super) struct KeepsMessages(Mutex<HashMap<(UserId, ConversationId), Vec<Message>>>);

#[async_trait]
impl Flaw for KeepsMessages {
    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        let orphans = base.read(owner, id).await?;
        self.0.lock().unwrap().insert((owner, id), orphans);
        base.store.delete(owner, id, expected).await
    }

    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        if let Some(orphans) = self.0.lock().unwrap().get(&(owner, id)) {
            return Ok(Page::new(orphans.clone(), None, None));
        }
        base.store.messages(owner, id, query).await
    }

    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        let mut receipt = base.store.erase(owner).await?;
        let orphans = self.0.lock().unwrap();
        let of_owner = orphans.iter().filter(|((other, _), _)| *other == owner);
        receipt.messages += of_owner.map(|(_, orphans)| orphans.len() as u64).sum::<u64>();
        Ok(receipt)
    }
}

/// A second delete is fine too.
#[derive(Debug, Default)]
pub(super) struct DeletesTwice;

#[async_trait]
impl Flaw for DeletesTwice {
    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        match base.store.delete(owner, id, expected).await {
            Err(Error::NotFound) => Ok(()),
            answer => answer,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct MiscountsErased;

#[async_trait]
impl Flaw for MiscountsErased {
    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        Ok(Erased::new(base.store.erase(owner).await?.conversations, 0))
    }
}

#[derive(Debug, Default)]
pub(super) struct SparesTheArchive;

#[async_trait]
impl Flaw for SparesTheArchive {
    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        let mut receipt = Erased::default();
        let active = base.store.list(owner, ConversationQuery::new(Limit::MAX)).await?;
        for chat in active.items {
            base.store.delete(owner, chat.id, None).await?;
            receipt.conversations += 1;
            receipt.messages += u64::from(chat.message_count);
        }
        Ok(receipt)
    }
}

/// One statement per conversation.
#[derive(Debug, Default)]
pub(super) struct ErasesOneByOne;

#[async_trait]
impl Flaw for ErasesOneByOne {
    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        let active = base.store.list(owner, ConversationQuery::new(Limit::MAX)).await?;
        if let [first, _, ..] = &active.items[..] {
            base.store.delete(owner, first.id, None).await?;
            tokio::task::yield_now().await;
        }
        base.store.erase(owner).await
    }
}

/// Nothing to erase is nothing found.
#[derive(Debug, Default)]
pub(super) struct FailsToEraseNothing;

#[async_trait]
impl Flaw for FailsToEraseNothing {
    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        match base.store.erase(owner).await? {
            receipt if receipt.conversations == 0 => Err(Error::NotFound),
            receipt => Ok(receipt),
        }
    }
}

/// Gives the id of a deleted conversation to the next one, as SQLite does without `AUTOINCREMENT`.
#[derive(Debug, Default)]
pub(super) struct ReusesIds {
    freed: Mutex<Vec<ConversationId>>,
    real: Mutex<HashMap<ConversationId, ConversationId>>,
}

impl ReusesIds {
    fn real(&self, id: ConversationId) -> ConversationId {
        self.real.lock().unwrap().get(&id).copied().unwrap_or(id)
    }
}

#[async_trait]
impl Flaw for ReusesIds {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        let mut chat = base.create(owner, new).await?;
        if let Some(id) = self.freed.lock().unwrap().pop() {
            self.real.lock().unwrap().insert(id, chat.id);
            chat.id = id;
        }
        Ok(chat)
    }

    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, self.real(id)).await?;
        chat.id = id;
        Ok(chat)
    }

    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.append(owner, self.real(id), turn).await
    }

    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        base.store.delete(owner, self.real(id), expected).await?;
        self.freed.lock().unwrap().push(id);
        Ok(())
    }
}
