//! Pages that hold other messages than they should.

use async_trait::async_trait;
use scrollback::{
    ConversationId, ConversationStore, Error, Limit, Message, MessageQuery, Page, Position, Result,
    UserId,
};

use super::store::{Base, Flaw};

/// `ORDER BY position LIMIT n` for the last n.
#[derive(Debug, Default)]
pub(super) struct LastIsOldest;

#[async_trait]
impl Flaw for LastIsOldest {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let query = match (window.after, window.up_to) {
            (None, None) => MessageQuery::first(Limit::new(window.rows)?),
            _ => query,
        };
        base.store.messages(owner, id, query).await
    }
}

/// `position <= $1` for `position < $1`.
#[derive(Debug, Default)]
pub(super) struct BeforeIncludes;

#[async_trait]
impl Flaw for BeforeIncludes {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let next = window.up_to.and_then(|up_to| Position::new(up_to.saturating_add(2)));
        let query = match next {
            Some(position) => MessageQuery::before(position, Limit::new(window.rows)?),
            None => query,
        };
        base.store.messages(owner, id, query).await
    }
}

/// `position >= $1` for `position > $1`.
#[derive(Debug, Default)]
pub(super) struct AfterIncludes;

#[async_trait]
impl Flaw for AfterIncludes {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let query = match window.after {
            Some(1) => MessageQuery::first(Limit::new(window.rows)?),
            Some(after @ 2..) => {
                MessageQuery::after(Position::new(after - 1).unwrap(), Limit::new(window.rows)?)
            }
            _ => query,
        };
        base.store.messages(owner, id, query).await
    }
}

/// The newest first, as they came from the index.
#[derive(Debug, Default)]
pub(super) struct LastIsReversed;

#[async_trait]
impl Flaw for LastIsReversed {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        if query.window(owner, id)?.after.is_none() {
            page.items.reverse();
        }
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct ForgetsPreviousMessages;

#[async_trait]
impl Flaw for ForgetsPreviousMessages {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        page.previous = None;
        Ok(page)
    }
}

/// An empty page for what does not exist, or not for the caller.
#[derive(Debug, Default)]
pub(super) struct ShowsEmptyForUnknown;

#[async_trait]
impl Flaw for ShowsEmptyForUnknown {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        match base.store.messages(owner, id, query).await {
            Err(Error::NotFound) => Ok(Page::new(Vec::new(), None, None)),
            answer => answer,
        }
    }
}

/// A join that finds no row when there are no messages.
#[derive(Debug, Default)]
pub(super) struct TakesEmptyForUnknown;

#[async_trait]
impl Flaw for TakesEmptyForUnknown {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        match base.store.messages(owner, id, query).await? {
            page if page.items.is_empty() => Err(Error::NotFound),
            page => Ok(page),
        }
    }
}
