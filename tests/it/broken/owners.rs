//! Forgotten owner checks.

use async_trait::async_trait;
use scrollback::{
    Appended, Conflict, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, Error, Message, MessageQuery, NewConversation, Page, Result,
    SessionId, Turn, UserId, Version,
};

use super::store::{Base, Flaw};

#[derive(Debug, Default)]
pub(super) struct GetsOfAnyone;

#[async_trait]
impl Flaw for GetsOfAnyone {
    async fn get(&self, base: &Base, _owner: UserId, id: ConversationId) -> Result<Conversation> {
        base.store.get(base.owner_of(id)?, id).await
    }
}

#[derive(Debug, Default)]
pub(super) struct UpdatesOfAnyone;

#[async_trait]
impl Flaw for UpdatesOfAnyone {
    async fn update(
        &self,
        base: &Base,
        _owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        base.store.update(base.owner_of(id)?, id, update).await
    }
}

#[derive(Debug, Default)]
pub(super) struct DeletesOfAnyone;

#[async_trait]
impl Flaw for DeletesOfAnyone {
    async fn delete(
        &self,
        base: &Base,
        _owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        base.store.delete(base.owner_of(id)?, id, expected).await
    }
}

#[derive(Debug, Default)]
pub(super) struct AppendsToAnyone;

#[async_trait]
impl Flaw for AppendsToAnyone {
    async fn append(
        &self,
        base: &Base,
        _owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.append(base.owner_of(id)?, id, turn).await
    }
}

#[derive(Debug, Default)]
pub(super) struct ReadsMessagesOfAnyone;

#[async_trait]
impl Flaw for ReadsMessagesOfAnyone {
    async fn messages(
        &self,
        base: &Base,
        _owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        base.store.messages(base.owner_of(id)?, id, query).await
    }
}

#[derive(Debug, Default)]
pub(super) struct FindsSessionsOfAnyone;

#[async_trait]
impl Flaw for FindsSessionsOfAnyone {
    async fn find_session(
        &self,
        base: &Base,
        _owner: UserId,
        session: &SessionId,
    ) -> Result<Conversation> {
        for anyone in base.everyone() {
            if let Ok(found) = base.store.find_session(anyone, session).await {
                return Ok(found);
            }
        }
        Err(Error::NotFound)
    }
}

#[derive(Debug, Default)]
pub(super) struct ListsEveryone;

#[async_trait]
impl Flaw for ListsEveryone {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let mut page = base.store.list(owner, query).await?;
        for other in base.everyone().into_iter().filter(|other| *other != owner) {
            page.items.extend(base.store.list(other, ConversationQuery::default()).await?.items);
        }
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct ErasesEveryone;

#[async_trait]
impl Flaw for ErasesEveryone {
    async fn erase(&self, base: &Base, owner: UserId) -> Result<Erased> {
        let receipt = base.store.erase(owner).await?;
        for other in base.everyone() {
            base.store.erase(other).await?;
        }
        Ok(receipt)
    }
}

/// Tells a foreign conversation from an unknown one.
#[derive(Debug, Default)]
pub(super) struct SaysForbidden;

#[async_trait]
impl Flaw for SaysForbidden {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        match base.owner_of(id) {
            Ok(other) if other != owner => Err(Error::invalid("conversation", "is not yours")),
            _ => base.store.get(owner, id).await,
        }
    }
}

/// Looks at the expected count before it looks at the owner.
#[derive(Debug, Default)]
pub(super) struct ComparesCountsOfAnyone;

#[async_trait]
impl Flaw for ComparesCountsOfAnyone {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let chat = base.store.get(base.owner_of(id)?, id).await?;
        match turn.expected_count() {
            Some(count) if owner != chat.owner && count != chat.message_count => {
                Err(Error::Conflict(Conflict::Moved))
            }
            _ => base.store.append(owner, id, turn).await,
        }
    }
}

/// Looks at the expected version before it looks at the owner.
#[derive(Debug, Default)]
pub(super) struct ComparesVersionsOfAnyone;

#[async_trait]
impl Flaw for ComparesVersionsOfAnyone {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let chat = base.store.get(base.owner_of(id)?, id).await?;
        chat.check_version(update.expected_version)?;
        base.store.update(owner, id, update).await
    }
}

/// Looks for the key before it looks at the owner.
#[derive(Debug, Default)]
pub(super) struct ReplaysToAnyone;

#[async_trait]
impl Flaw for ReplaysToAnyone {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let mut stored = base.read(base.owner_of(id)?, id).await?;
        stored.retain(|message| message.key.is_some() && message.key.as_ref() == turn.key());
        if stored.is_empty() {
            return base.store.append(owner, id, turn).await;
        }
        Appended::replayed(&turn, stored)
    }
}

/// A unique index over the session alone.
#[derive(Debug, Default)]
pub(super) struct SharesSessionsAmongOwners;

#[async_trait]
impl Flaw for SharesSessionsAmongOwners {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        if let Some(session) = &new.session
            && FindsSessionsOfAnyone.find_session(base, owner, session).await.is_ok()
        {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        base.create(owner, new).await
    }
}
