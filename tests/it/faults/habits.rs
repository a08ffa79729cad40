//! Stores that handle a lost connection wrongly, for negative controls.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    Appended, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, Error, Message, MessageQuery, NewConversation, Page, Pool, Result,
    SessionId, Turn, UserId, Version,
};
use sea_orm::TransactionTrait;

use super::bench::Side;

/// What somebody may take for a convenience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Every lost connection is something to try again.
    AllBusy,
    /// A turn in doubt is sent once more, as a turn of its own.
    SentAnew,
    /// A turn is stored message by message.
    Piecemeal,
    /// A transaction is begun, and the turn is stored outside of it.
    TwoAtOnce,
}

/// A right store behind a wrong one.
#[derive(Debug)]
struct Wrapper {
    store: Arc<dyn ConversationStore>,
    habit: Habit,
    pool: Pool,
}

impl Side {
    /// The same store, with a bad habit.
    pub(super) fn with_habit(mut self, habit: Habit) -> Self {
        self.store = Arc::new(Wrapper { pool: self.pool(), store: self.store, habit });
        self
    }
}

impl Wrapper {
    fn pass<T>(&self, answer: Result<T>) -> Result<T> {
        match answer {
            Err(Error::OutcomeUnknown(cause)) if self.habit == Habit::AllBusy => {
                Err(Error::Busy(cause))
            }
            answer => answer,
        }
    }

    async fn two_at_once(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let held = self.pool.begin().await.expect("there is a connection");
        let answer = self.store.append(owner, id, turn).await;
        held.rollback().await.expect("it is still there");
        answer
    }

    async fn piecemeal(&self, owner: UserId, id: ConversationId, turn: &Turn) -> Result<Appended> {
        let mut whole: Option<Appended> = None;
        for message in turn.messages() {
            let mut stored = self.store.append(owner, id, Turn::new([message.clone()])?).await?;
            match &mut whole {
                Some(whole) => whole.messages.append(&mut stored.messages),
                None => whole = Some(stored),
            }
        }
        Ok(whole.expect("a turn has a message"))
    }
}

#[async_trait]
impl ConversationStore for Wrapper {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        self.pass(self.store.create(owner, new).await)
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        self.store.get(owner, id).await
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.store.find_session(owner, session).await
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        self.store.list(owner, query).await
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        self.pass(self.store.update(owner, id, update).await)
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        self.pass(self.store.delete(owner, id, expected).await)
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        match self.habit {
            Habit::Piecemeal => return self.piecemeal(owner, id, &turn).await,
            Habit::TwoAtOnce => return self.two_at_once(owner, id, turn).await,
            Habit::AllBusy | Habit::SentAnew => {}
        }
        match self.pass(self.store.append(owner, id, turn.clone()).await) {
            Err(Error::OutcomeUnknown(_)) if self.habit == Habit::SentAnew => {
                let anew = Turn::new(turn.messages().to_vec())?;
                self.store.append(owner, id, anew).await
            }
            answer => answer,
        }
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        self.store.messages(owner, id, query).await
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        self.pass(self.store.erase(owner).await)
    }
}
