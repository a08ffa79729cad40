//! Sessions that lead to too many conversations, or to none.

use std::{collections::HashSet, sync::Mutex};

use async_trait::async_trait;
use scrollback::{
    Cause, Conflict, Conversation, ConversationStore, Error, NewConversation, Result, SessionId,
    UserId,
};

use super::store::{Base, Flaw};

/// A session id stays taken when its conversation is gone.
#[derive(Debug, Default)]
pub(super) struct KeepsSessions(Mutex<HashSet<(UserId, SessionId)>>);

#[async_trait]
impl Flaw for KeepsSessions {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        if let Some(session) = &new.session
            && !self.0.lock().unwrap().insert((owner, session.clone()))
        {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        base.create(owner, new).await
    }
}

/// Creates another conversation for a taken session.
#[derive(Debug, Default)]
pub(super) struct DoublesSessions;

#[async_trait]
impl Flaw for DoublesSessions {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        match base.create(owner, new).await {
            Err(Error::Conflict(Conflict::SessionTaken)) => {
                base.create(owner, NewConversation::new()).await
            }
            answer => answer,
        }
    }
}

/// A collation that ignores case.
#[derive(Debug, Default)]
pub(super) struct FoldsSessions;

#[async_trait]
impl Flaw for FoldsSessions {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        mut new: NewConversation,
    ) -> Result<Conversation> {
        if let Some(session) = &mut new.session {
            *session = SessionId::new(session.as_str().to_lowercase())?;
        }
        base.create(owner, new).await
    }
}

/// Inserts the conversation first and gives it its session afterwards.
#[derive(Debug, Default)]
pub(super) struct CreatesInTwoSteps;

#[async_trait]
impl Flaw for CreatesInTwoSteps {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        let mut first = new.clone();
        first.session = None;
        let first = base.create(owner, first).await?;
        tokio::task::yield_now().await;
        base.store.delete(owner, first.id, None).await?;
        base.create(owner, new).await
    }
}

/// Looks for the session first, and knows no name for the error of the unique index.
#[derive(Debug, Default)]
pub(super) struct RacesOnSessions;

#[async_trait]
impl Flaw for RacesOnSessions {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        if let Some(session) = &new.session
            && base.store.find_session(owner, session).await.is_ok()
        {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        tokio::task::yield_now().await;
        let unknown = |_| Error::Internal(Cause::new("unique_violation"));
        base.create(owner, new).await.map_err(unknown)
    }
}
