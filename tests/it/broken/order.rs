//! Positions and times that are not what they should be.

use std::{cmp::Reverse, time::Duration};

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationId, ConversationStore, ConversationUpdate, Message, MessageQuery,
    Page, Position, Result, UserId,
};

use super::store::{Base, Flaw};

/// `ORDER BY created_at DESC` turned around, where a turn has one time.
#[derive(Debug, Default)]
pub(super) struct OrdersByTime;

#[async_trait]
impl Flaw for OrdersByTime {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        page.items.sort_by_key(|message| (message.created_at, Reverse(message.position)));
        Ok(page)
    }
}

/// A sequence that skips numbers.
#[derive(Debug, Default)]
pub(super) struct LeavesGaps;

#[async_trait]
impl Flaw for LeavesGaps {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        for message in page.items.iter_mut().filter(|message| message.position.get() > 4) {
            message.position = Position::new(message.position.get() + 1).unwrap();
        }
        Ok(page)
    }
}

/// The clock of whichever machine stored the message.
#[derive(Debug, Default)]
pub(super) struct TrustsEveryClock;

#[async_trait]
impl Flaw for TrustsEveryClock {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        for message in page.items.iter_mut().filter(|message| message.position.get() % 4 == 0) {
            message.created_at -= Duration::from_secs(1);
        }
        Ok(page)
    }
}

/// A change sets the time back.
#[derive(Debug, Default)]
pub(super) struct SetsActivityBack;

#[async_trait]
impl Flaw for SetsActivityBack {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let mut chat = base.store.update(owner, id, update).await?;
        chat.updated_at -= Duration::from_secs(1);
        Ok(chat)
    }
}
