//! Expected counts that are not compared, or at the wrong moment.

use async_trait::async_trait;
use scrollback::{
    Appended, Conflict, ConversationId, ConversationStore, Error, Result, Turn, UserId,
};

use super::store::{Base, Flaw};

#[derive(Debug, Default)]
pub(super) struct IgnoresTheExpectedCount;

#[async_trait]
impl Flaw for IgnoresTheExpectedCount {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.append(owner, id, without_count(&turn)).await
    }
}

/// Compares the count in a statement of its own.
#[derive(Debug, Default)]
pub(super) struct RacesOnTheExpectedCount;

#[async_trait]
impl Flaw for RacesOnTheExpectedCount {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let count = base.store.get(owner, id).await?.message_count;
        tokio::task::yield_now().await;
        if turn.expected_count().is_none_or(|expected| expected != count) {
            return base.store.append(owner, id, turn).await;
        }
        base.store.append(owner, id, without_count(&turn)).await
    }
}

/// `count >= expected` where it should be `=`.
#[derive(Debug, Default)]
pub(super) struct ExpectsAtLeast;

#[async_trait]
impl Flaw for ExpectsAtLeast {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let count = base.store.get(owner, id).await?.message_count;
        if turn.expected_count().is_some_and(|expected| expected < count) {
            return base.store.append(owner, id, without_count(&turn)).await;
        }
        base.store.append(owner, id, turn).await
    }
}

/// Compares the count before it looks for the key.
#[derive(Debug, Default)]
pub(super) struct SaysMovedBeforeReplaying;

#[async_trait]
impl Flaw for SaysMovedBeforeReplaying {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let count = base.store.get(owner, id).await?.message_count;
        if turn.expected_count().is_some_and(|expected| expected != count) {
            return Err(Error::Conflict(Conflict::Moved));
        }
        base.store.append(owner, id, turn).await
    }
}

fn without_count(turn: &Turn) -> Turn {
    let same = Turn::new(turn.messages().to_vec()).unwrap();
    match turn.key() {
        Some(key) => same.with_key(key.clone()),
        None => same,
    }
}
