//! Contents that change on the way, or show where they should not.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use scrollback::{
    Appended, Cause, Conversation, ConversationId, ConversationStore, Error, Message, MessageQuery,
    Metadata, NewConversation, NewMessage, Page, Result, Turn, UserId,
};

use super::store::{Base, Flaw};

#[derive(Debug, Default)]
pub(super) struct TrimsContents;

#[async_trait]
impl Flaw for TrimsContents {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        for message in &mut page.items {
            message.content = message.content.trim().into();
        }
        Ok(page)
    }
}

/// A text column of 64 KiB.
#[derive(Debug, Default)]
pub(super) struct CutsContents;

#[async_trait]
impl Flaw for CutsContents {
    async fn messages(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let mut page = base.store.messages(owner, id, query).await?;
        for message in page.items.iter_mut().filter(|message| message.content.len() > 65_536) {
            message.content = message.content[..65_536].into();
        }
        Ok(page)
    }
}

/// Every role but the person's is the assistant's.
#[derive(Debug, Default)]
pub(super) struct KnowsTwoRoles;

#[async_trait]
impl Flaw for KnowsTwoRoles {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let known = |message: &NewMessage| match message.role {
            scrollback::Role::User => message.clone(),
            _ => NewMessage::assistant(&*message.content).with_metadata(message.metadata.clone()),
        };
        let mut same = Turn::new(turn.messages().iter().map(known))?;
        if let Some(key) = turn.key() {
            same = same.with_key(key.clone());
        }
        if let Some(count) = turn.expected_count() {
            same = same.with_expected_count(count);
        }
        base.store.append(owner, id, same).await
    }
}

/// `varchar(255)`.
#[derive(Debug, Default)]
pub(super) struct CutsTitles;

#[async_trait]
impl Flaw for CutsTitles {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        chat.title = chat.title.map(|title| title.chars().take(255).collect::<String>().into());
        Ok(chat)
    }
}

#[derive(Debug, Default)]
pub(super) struct TrimsTitles;

#[async_trait]
impl Flaw for TrimsTitles {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        chat.title = chat.title.map(|title| title.trim().into());
        Ok(chat)
    }
}

/// `jsonb`, which writes JSON its own way.
#[derive(Debug, Default)]
pub(super) struct RewritesMetadata;

#[async_trait]
impl Flaw for RewritesMetadata {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        let json = chat.metadata.stored().map(|json| json.replace(":", ": ").into());
        chat.metadata = Metadata::from_stored(json);
        Ok(chat)
    }
}

/// No title is an empty title.
#[derive(Debug, Default)]
pub(super) struct StoresEmptyTitles;

#[async_trait]
impl Flaw for StoresEmptyTitles {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        chat.title.get_or_insert_with(|| "".into());
        Ok(chat)
    }
}

/// A derived `Debug` over a cache.
#[derive(Debug, Default)]
pub(super) struct ShowsItsCache(Mutex<Option<String>>);

#[async_trait]
impl Flaw for ShowsItsCache {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        *self.0.lock().unwrap() = turn.messages().last().map(|last| last.content.to_string());
        base.store.append(owner, id, turn).await
    }
}

/// Passes the database's own message on, which quotes the value.
#[derive(Debug, Default)]
pub(super) struct QuotesSessions;

#[async_trait]
impl Flaw for QuotesSessions {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        let quoted = new.session.as_ref().map(|session| session.as_str().to_owned());
        base.create(owner, new).await.map_err(|error| match error {
            Error::Conflict(_) => Error::Internal(Cause::new(format!("Key ({quoted:?}) exists"))),
            error => error,
        })
    }
}

/// A connection that a dropped call never gives back.
#[derive(Debug, Default)]
pub(super) struct LeaksItsConnection(AtomicBool);

#[async_trait]
impl Flaw for LeaksItsConnection {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        while self.0.swap(true, Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        tokio::task::yield_now().await;
        self.0.store(false, Ordering::SeqCst);
        base.store.get(owner, id).await
    }
}

/// A call that waits for nothing.
#[derive(Debug, Default)]
pub(super) struct HangsInACrowd(std::sync::atomic::AtomicUsize);

#[async_trait]
impl Flaw for HangsInACrowd {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let others = self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if others > 3 {
            std::future::pending::<()>().await;
        }
        self.0.fetch_sub(1, Ordering::SeqCst);
        base.store.get(owner, id).await
    }
}
