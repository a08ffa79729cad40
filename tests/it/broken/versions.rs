//! Versions that stand still, and expected ones that are not compared, or at the wrong moment.

use std::time::Duration;

use async_trait::async_trait;
use chrono::SubsecRound;
use scrollback::{
    Conflict, Conversation, ConversationId, ConversationStore, ConversationUpdate, Error, Result,
    UserId, Version,
};

use super::store::{Base, Flaw};

/// The clock of a database that keeps whole seconds.
#[derive(Debug, Default)]
pub(super) struct KeepsWholeSeconds;

#[async_trait]
impl Flaw for KeepsWholeSeconds {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        chat.updated_at = chat.updated_at.trunc_subsecs(0).max(chat.created_at);
        Ok(chat)
    }

    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        base.store.update(owner, id, update).await?;
        self.get(base, owner, id).await
    }
}

/// A trigger that sets the time on every statement that names the row.
#[derive(Debug, Default)]
pub(super) struct GrowsWhenItIsRead;

#[async_trait]
impl Flaw for GrowsWhenItIsRead {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        base.store.update(owner, id, ConversationUpdate::new()).await
    }
}

#[derive(Debug, Default)]
pub(super) struct IgnoresTheExpectedVersion;

#[async_trait]
impl Flaw for IgnoresTheExpectedVersion {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        update.expected_version = None;
        base.store.update(owner, id, update).await
    }

    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        _expected: Option<Version>,
    ) -> Result<()> {
        base.store.delete(owner, id, None).await
    }
}

/// `updated_at <= $1` where it should be `=`.
#[derive(Debug, Default)]
pub(super) struct ExpectsAtMost;

/// What to expect so that any later version is taken for the one that there is.
async fn at_most(
    base: &Base,
    owner: UserId,
    id: ConversationId,
    expected: Option<Version>,
) -> Result<Option<Version>> {
    let now = base.store.get(owner, id).await?.version();
    Ok(expected.map(|expected| expected.min(now)))
}

#[async_trait]
impl Flaw for ExpectsAtMost {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        update.expected_version = at_most(base, owner, id, update.expected_version).await?;
        base.store.update(owner, id, update).await
    }

    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        let expected = at_most(base, owner, id, expected).await?;
        base.store.delete(owner, id, expected).await
    }
}

/// A time that went through a clock of another precision on its way out.
#[derive(Debug, Default)]
pub(super) struct RoundsWhatItShows;

#[async_trait]
impl Flaw for RoundsWhatItShows {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let mut chat = base.store.get(owner, id).await?;
        chat.updated_at += Duration::from_millis(1);
        Ok(chat)
    }

    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        base.store.update(owner, id, update).await?;
        self.get(base, owner, id).await
    }
}

/// Touches the conversation before it finds out that another version is expected.
#[derive(Debug, Default)]
pub(super) struct TouchesWhatItRefuses;

#[async_trait]
impl Flaw for TouchesWhatItRefuses {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let answer = base.store.update(owner, id, update).await;
        if matches!(answer, Err(Error::Conflict(Conflict::Changed))) {
            base.store.update(owner, id, ConversationUpdate::new()).await?;
        }
        answer
    }
}

/// Compares the version in a statement of its own.
#[derive(Debug, Default)]
pub(super) struct RacesOnTheExpectedVersion;

#[async_trait]
impl Flaw for RacesOnTheExpectedVersion {
    async fn update(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        let expected = update.expected_version.take();
        base.store.get(owner, id).await?.check_version(expected)?;
        tokio::task::yield_now().await;
        base.store.update(owner, id, update).await
    }
}

/// The same when it deletes.
#[derive(Debug, Default)]
pub(super) struct DeletesAfterALook;

#[async_trait]
impl Flaw for DeletesAfterALook {
    async fn delete(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        base.store.get(owner, id).await?.check_version(expected)?;
        tokio::task::yield_now().await;
        base.store.delete(owner, id, None).await
    }
}
