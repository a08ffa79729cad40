//! Updates that change too much, too little, or half.

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationId, ConversationStore, ConversationUpdate, Metadata, Result, Title,
    UserId,
};

use super::store::{Base, Flaw};

/// `SET title = $1`, whether a title was named or not.
#[derive(Debug, Default)]
pub(super) struct ClearsTitles;

#[async_trait]
impl Flaw for ClearsTitles {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        update.title.get_or_insert(None);
        base.store.update(owner, id, update).await
    }
}

/// `coalesce($1, title)`, which cannot remove.
#[derive(Debug, Default)]
pub(super) struct KeepsTitles;

#[async_trait]
impl Flaw for KeepsTitles {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        update.title = update.title.filter(Option::is_some);
        base.store.update(owner, id, update).await
    }
}

/// `metadata || $1`.
#[derive(Debug, Default)]
pub(super) struct MergesMetadata;

#[async_trait]
impl Flaw for MergesMetadata {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        if let Some(new) = &update.metadata {
            let mut merged = base.store.get(owner, id).await?.metadata.to_value();
            let new = new.to_value();
            merged.as_object_mut().unwrap().extend(new.as_object().unwrap().clone());
            update.metadata = Some(Metadata::new(merged)?);
        }
        base.store.update(owner, id, update).await
    }
}

/// Reads, changes and writes all fields back.
#[derive(Debug, Default)]
pub(super) struct LosesUpdates;

#[async_trait]
impl Flaw for LosesUpdates {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        let Conversation { title, archived, metadata, .. } = base.store.get(owner, id).await?;
        tokio::task::yield_now().await;
        update.title.get_or_insert(title.map(Title::new).transpose()?);
        update.archived.get_or_insert(archived);
        update.metadata.get_or_insert(metadata);
        base.store.update(owner, id, update).await
    }
}

/// One statement per field: dropping the call between them leaves half an update.
#[derive(Debug, Default)]
pub(super) struct UpdatesFieldByField;

#[async_trait]
impl Flaw for UpdatesFieldByField {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let mut first = update.clone();
        first.metadata = None;
        base.store.update(owner, id, first).await?;
        tokio::task::yield_now().await;
        base.store.update(owner, id, update).await
    }
}
