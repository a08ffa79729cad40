//! Other payloads that pass for the one that is stored.

use std::collections::BTreeSet;

use async_trait::async_trait;
use scrollback::{
    Appended, Conflict, ConversationId, ConversationStore, Error, Message, NewMessage, Result,
    Turn, UserId,
};

use super::store::{Base, Flaw};

/// `ON CONFLICT DO NOTHING`, whatever the payload.
#[derive(Debug, Default)]
pub(super) struct AcceptsAnyPayload;

#[async_trait]
impl Flaw for AcceptsAnyPayload {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        replay_where(base, owner, id, turn, |_, _| true).await
    }
}

/// Compares with `zip`, which ends with the shorter turn.
#[derive(Debug, Default)]
pub(super) struct AcceptsAPrefix;

#[async_trait]
impl Flaw for AcceptsAPrefix {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        replay_where(base, owner, id, turn, |new, stored| {
            new.iter().zip(stored).all(|(new, stored)| new.content == stored.content)
        })
        .await
    }
}

/// Compares all the contents and nothing else.
#[derive(Debug, Default)]
pub(super) struct ComparesContentsOnly;

#[async_trait]
impl Flaw for ComparesContentsOnly {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        replay_where(base, owner, id, turn, |new, stored| {
            new.iter().map(|new| &new.content).eq(stored.iter().map(|stored| &stored.content))
        })
        .await
    }
}

/// Compares as sets.
#[derive(Debug, Default)]
pub(super) struct AcceptsAnyOrder;

#[async_trait]
impl Flaw for AcceptsAnyOrder {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        replay_where(base, owner, id, turn, |new, stored| {
            let stored: BTreeSet<_> = stored.iter().map(|stored| &stored.content).collect();
            new.iter().map(|new| &new.content).collect::<BTreeSet<_>>() == stored
        })
        .await
    }
}

/// Answers a used key with what is stored, if `same` says so.
async fn replay_where(
    base: &Base,
    owner: UserId,
    id: ConversationId,
    turn: Turn,
    same: impl Fn(&[NewMessage], &[Message]) -> bool + Send,
) -> Result<Appended> {
    let answer = base.store.append(owner, id, turn.clone()).await;
    if !matches!(answer, Err(Error::Conflict(Conflict::KeyReused))) {
        return answer;
    }
    let mut stored = base.read(owner, id).await?;
    stored.retain(|message| message.key.as_ref() == turn.key());
    if !same(turn.messages(), &stored) {
        return answer;
    }
    let mut replay = Appended::stored(stored);
    replay.replayed = true;
    Ok(replay)
}
