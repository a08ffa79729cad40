//! Listings in another order, of other things, or longer than asked for.

use std::cmp::Reverse;

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationQuery, ConversationStore, Error, Limit, Page, Result, UserId,
};

use super::store::{Base, Flaw};

/// `ORDER BY created_at`.
#[derive(Debug, Default)]
pub(super) struct ListsByCreation;

#[async_trait]
impl Flaw for ListsByCreation {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let mut page = base.store.list(owner, query).await?;
        page.items.sort_by_key(|chat| Reverse(chat.created_at));
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct ListsOldestFirst;

#[async_trait]
impl Flaw for ListsOldestFirst {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let mut page = base.store.list(owner, query).await?;
        page.items.reverse();
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct ListsTheArchiveToo;

#[async_trait]
impl Flaw for ListsTheArchiveToo {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let mut page = base.store.list(owner, query).await?;
        if page.next.is_none() && !query.seek(owner)?.archived {
            let archived = ConversationQuery::new(Limit::MAX).archived();
            page.items.extend(base.store.list(owner, archived).await?.items);
        }
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct IgnoresTheLimit;

#[async_trait]
impl Flaw for IgnoresTheLimit {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        match query.seek(owner)? {
            seek if seek.key.is_some() => base.store.list(owner, query).await,
            seek if seek.archived => {
                base.store.list(owner, ConversationQuery::new(Limit::MAX).archived()).await
            }
            _ => base.store.list(owner, ConversationQuery::new(Limit::MAX)).await,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct RefusesLongPages;

#[async_trait]
impl Flaw for RefusesLongPages {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        match query.seek(owner)?.rows {
            0..=501 => base.store.list(owner, query).await,
            _ => Err(Error::invalid("limit", "is over 500")),
        }
    }
}

/// `OFFSET`, which what is new meanwhile shifts.
#[derive(Debug, Default)]
pub(super) struct CountsFromTheTop;

#[async_trait]
impl Flaw for CountsFromTheTop {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let seek = query.seek(owner)?;
        let mut page = base.store.list(owner, query).await?;
        let Some((_, place)) = seek.key.filter(|_| !seek.newer) else { return Ok(page) };
        // The cursor's conversation moved away: the page starts one further down than it should.
        let key = base.store.get(owner, place).await.map(|chat| chat.updated_at).ok();
        if key != seek.key.map(|(time, _)| time) && !page.items.is_empty() {
            page.items.remove(0);
        }
        Ok(page)
    }
}

#[derive(Debug, Default)]
pub(super) struct ForgetsPreviousConversations;

#[async_trait]
impl Flaw for ForgetsPreviousConversations {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        let mut page = base.store.list(owner, query).await?;
        page.previous = None;
        Ok(page)
    }
}

/// Looks up where the cursor stands, and finds nothing when that is gone.
#[derive(Debug, Default)]
pub(super) struct LooksCursorsUp;

#[async_trait]
impl Flaw for LooksCursorsUp {
    async fn list(
        &self,
        base: &Base,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        if let Some((_, id)) = query.seek(owner)?.key {
            base.store.get(owner, id).await?;
        }
        base.store.list(owner, query).await
    }
}
