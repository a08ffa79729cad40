//! Cursors that lead elsewhere.

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationId, ConversationQuery, ConversationStore, Error, Limit, Message,
    MessageQuery, Page, Result, UserId,
};

use super::store::{Base, Flaw};

/// A bad cursor of messages restarts at the newest page.
#[derive(Debug, Default)]
pub(super) struct RestartsMessages;

#[async_trait]
impl Flaw for RestartsMessages {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        match base.store.messages(owner, id, query).await {
            Err(Error::InvalidInput { field: "cursor", .. }) => {
                base.store.messages(owner, id, MessageQuery::last(Limit::default())).await
            }
            answer => answer,
        }
    }
}

/// A cursor that says where, but not of which conversation.
#[derive(Debug, Default)]
pub(super) struct SharesMessageCursors;

#[async_trait]
impl Flaw for SharesMessageCursors {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let conversations =
            (id.get().saturating_sub(9)..id.get().saturating_add(9)).map(ConversationId::new);
        let mut own = conversations.filter(|other| base.owner_of(*other).ok() == Some(owner));
        if own.any(|other| query.window(owner, other).is_ok()) {
            return RestartsMessages.messages(base, owner, id, query).await;
        }
        base.store.messages(owner, id, query).await
    }
}

/// A bad cursor of conversations restarts at the first page.
#[derive(Debug, Default)]
pub(super) struct RestartsListing;

#[async_trait]
impl Flaw for RestartsListing {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        match base.store.list(owner, query).await {
            Err(Error::InvalidInput { field: "cursor", .. }) => {
                base.store.list(owner, ConversationQuery::default()).await
            }
            answer => answer,
        }
    }
}

/// A cursor that says where, but not of whom.
#[derive(Debug, Default)]
pub(super) struct SharesListingCursors;

#[async_trait]
impl Flaw for SharesListingCursors {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        if base.everyone().into_iter().any(|other| query.seek(other).is_ok()) {
            return RestartsListing.list(base, owner, query).await;
        }
        base.store.list(owner, query).await
    }
}
