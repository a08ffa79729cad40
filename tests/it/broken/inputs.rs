//! Stores that cannot take every input.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    Appended, Cause, Conversation, ConversationId, ConversationStore, Error, Message, MessageQuery,
    NewConversation, Page, Result, Title, Turn, UserId, conformance::Fixture,
};

use super::store::{Base, Flaw, Flawed};

/// Each store, and what is wrong with it.
pub(crate) async fn flaws() -> [(&'static str, Arc<dyn ConversationStore>); 4] {
    [
        ("a store that panics at U+202E", Flawed::<Panics>::default().store().await),
        ("a store that fails at U+202E", Flawed::<Fails>::default().store().await),
        ("a store that stops at titles of 511 bytes", with_a_lower_limit().await),
        ("a store that changes a byte", Flawed::<ChangesAByte>::default().store().await),
    ]
}

pub(crate) async fn with_a_lower_limit() -> Arc<dyn ConversationStore> {
    Flawed::<LowersALimit>::default().store().await
}

fn is_odd(turn: &Turn) -> bool {
    turn.messages().iter().any(|message| message.content.contains('\u{202e}'))
}

#[derive(Debug, Default)]
struct Panics;

#[async_trait]
impl Flaw for Panics {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        assert!(!is_odd(&turn), "seeded");
        base.store.append(owner, id, turn).await
    }
}

#[derive(Debug, Default)]
struct Fails;

#[async_trait]
impl Flaw for Fails {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        if is_odd(&turn) {
            return Err(Error::Internal(Cause::new("seeded")));
        }
        base.store.append(owner, id, turn).await
    }
}

#[derive(Debug, Default)]
struct LowersALimit;

#[async_trait]
impl Flaw for LowersALimit {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        if new.title.as_ref().is_some_and(|title| Title::as_str(title).len() > 511) {
            return Err(Error::invalid("title", "is too long"));
        }
        base.create(owner, new).await
    }
}

#[derive(Debug, Default)]
struct ChangesAByte;

#[async_trait]
impl Flaw for ChangesAByte {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        for message in &mut page.items {
            message.content = message.content.replace('n', "m").into();
        }
        Ok(page)
    }
}
