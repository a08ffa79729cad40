//! Keys that do not do their work.

use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;
use scrollback::{
    Appended, Conflict, ConversationId, ConversationStore, ConversationUpdate, Error, Message,
    MessageId, Result, Turn, TurnKey, UserId,
};

use super::store::{Base, Flaw};

#[derive(Debug, Default)]
pub(super) struct IgnoresKeys;

#[async_trait]
impl Flaw for IgnoresKeys {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.append(owner, id, Turn::new(turn.messages().to_vec())?).await
    }
}

/// A unique index over owner and key.
#[derive(Debug, Default)]
pub(super) struct SharesKeysAmongConversations(Mutex<HashMap<(UserId, TurnKey), ConversationId>>);

#[async_trait]
impl Flaw for SharesKeysAmongConversations {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.get(owner, id).await?;
        let first = turn
            .key()
            .map_or(id, |key| *self.0.lock().unwrap().entry((owner, key.clone())).or_insert(id));
        base.store.append(owner, first, turn).await
    }
}

/// A unique index over the key alone.
#[derive(Debug, Default)]
pub(super) struct SharesKeysAmongOwners(Mutex<HashMap<TurnKey, UserId>>);

#[async_trait]
impl Flaw for SharesKeysAmongOwners {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        base.store.get(owner, id).await?;
        let first = turn
            .key()
            .map_or(owner, |key| *self.0.lock().unwrap().entry(key.clone()).or_insert(owner));
        if first != owner {
            return Err(Error::Conflict(Conflict::KeyReused));
        }
        base.store.append(owner, id, turn).await
    }
}

/// Looks the key up in a statement of its own.
#[derive(Debug, Default)]
pub(super) struct RacesOnKeys(Mutex<HashMap<(ConversationId, TurnKey), Vec<Message>>>);

#[async_trait]
impl Flaw for RacesOnKeys {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let Some(key) = turn.key() else { return base.store.append(owner, id, turn).await };
        let stored = self.0.lock().unwrap().get(&(id, key.clone())).cloned();
        if let Some(stored) = stored {
            return Appended::replayed(&turn, stored);
        }
        tokio::task::yield_now().await;
        let appended = IgnoresKeys.append(base, owner, id, turn.clone()).await?;
        self.0.lock().unwrap().insert((id, key.clone()), appended.messages.clone());
        Ok(appended)
    }
}

/// Answers a replay with what it would have stored.
#[derive(Debug, Default)]
pub(super) struct ReplaysUnderNewIds;

#[async_trait]
impl Flaw for ReplaysUnderNewIds {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let mut answer = base.store.append(owner, id, turn).await?;
        if answer.replayed {
            for message in &mut answer.messages {
                message.id = MessageId::new(message.id.get() + 1_000);
            }
        }
        Ok(answer)
    }
}

#[derive(Debug, Default)]
pub(super) struct HidesReplays;

#[async_trait]
impl Flaw for HidesReplays {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        Ok(Appended::stored(base.store.append(owner, id, turn).await?.messages))
    }
}

#[derive(Debug, Default)]
pub(super) struct TouchesOnReplay;

#[async_trait]
impl Flaw for TouchesOnReplay {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let answer = base.store.append(owner, id, turn).await?;
        if answer.replayed {
            base.store.update(owner, id, ConversationUpdate::new()).await?;
        }
        Ok(answer)
    }
}

/// A collation that ignores case.
#[derive(Debug, Default)]
pub(super) struct FoldsKeys;

#[async_trait]
impl Flaw for FoldsKeys {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let folded = turn.key().map(|key| TurnKey::new(key.as_str().to_lowercase()));
        match folded.transpose()? {
            Some(key) => base.store.append(owner, id, turn.with_key(key)).await,
            None => base.store.append(owner, id, turn).await,
        }
    }
}

/// Takes the same text twice for a double click.
#[derive(Debug, Default)]
pub(super) struct DropsRepeatedTexts;

#[async_trait]
impl Flaw for DropsRepeatedTexts {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let last = base.read(owner, id).await?.pop();
        match last.filter(|last| turn.matches(std::slice::from_ref(last))) {
            Some(last) if turn.key().is_none() => Appended::replayed(&turn, vec![last]),
            _ => base.store.append(owner, id, turn).await,
        }
    }
}
