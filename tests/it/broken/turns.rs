//! Turns that are torn, and refusals that leave a trace.

use async_trait::async_trait;
use scrollback::{
    Appended, ConversationId, ConversationStore, ConversationUpdate, Error, Result, Turn, UserId,
};

use super::store::{Base, Flaw};

/// One insert per message instead of one for the turn.
#[derive(Debug, Default)]
pub(super) struct StoresMessageByMessage;

#[async_trait]
impl Flaw for StoresMessageByMessage {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        if turn.key().is_some() || turn.expected_count().is_some() {
            return base.store.append(owner, id, turn).await;
        }
        let mut stored = Vec::new();
        for message in turn.messages() {
            let one = Turn::new([message.clone()])?;
            stored.extend(base.store.append(owner, id, one).await?.messages);
            tokio::task::yield_now().await;
        }
        Ok(Appended::stored(stored))
    }
}

/// The first half is in when the second waits: dropping the call tears the turn.
#[derive(Debug, Default)]
pub(super) struct TearsDroppedTurns;

#[async_trait]
impl Flaw for TearsDroppedTurns {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let (first, second) = turn.messages().split_at(turn.messages().len() / 2);
        if first.is_empty() || turn.expected_count().is_some() {
            return base.store.append(owner, id, turn).await;
        }
        let mut stored = base.store.append(owner, id, Turn::new(first.to_vec())?).await?.messages;
        tokio::task::yield_now().await;
        stored.extend(base.store.append(owner, id, Turn::new(second.to_vec())?).await?.messages);
        Ok(Appended::stored(stored))
    }
}

/// Stores the first message before it finds out that the turn is refused.
#[derive(Debug, Default)]
pub(super) struct KeepsHalfOfARefusedTurn;

#[async_trait]
impl Flaw for KeepsHalfOfARefusedTurn {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let first = Turn::new([turn.messages()[0].clone()])?;
        let answer = base.store.append(owner, id, turn).await;
        if matches!(answer, Err(Error::Conflict(_))) {
            base.store.append(owner, id, first).await?;
        }
        answer
    }
}

/// Touches the conversation before it finds out that the turn is refused.
#[derive(Debug, Default)]
pub(super) struct TouchesOnRefusal;

#[async_trait]
impl Flaw for TouchesOnRefusal {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let answer = base.store.append(owner, id, turn).await;
        if matches!(answer, Err(Error::Conflict(_))) {
            base.store.update(owner, id, ConversationUpdate::new()).await?;
        }
        answer
    }
}
