//! The contract: an append may share its statement, everything else is passed on.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::ConnectionTrait;
use tokio::time::{Instant, timeout_at};

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::{Cause, Error, Result},
    id::{ConversationId, UserId},
    key::SessionId,
    message::Message,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    page::Page,
    sea_orm::group::{
        GroupingStore,
        drive::drive,
        gate::{Place, Way},
        queue::{Arrival, News},
    },
    store::{ConversationStore, Erased},
    turn::{Appended, Turn},
    version::Version,
};

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<C: ConnectionTrait + Clone + Send + Sync + 'static> ConversationStore for GroupingStore<C> {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        self.store.create(owner, new).await
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
        self.store.update(owner, id, update).await
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        self.store.delete(owner, id, expected).await
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let call = self.store.by(owner);
        if !self.groups() {
            return self.store.append_by(call, owner, id, &turn).await;
        }
        match self.gate.enter(Arrival { until: call.until(), chat: (owner, id), turn })? {
            Way::Free(turn, slot, held) => {
                let answer = self.store.append_by(call, owner, id, &turn).await;
                drop(held);
                if slot.has_work() {
                    tokio::spawn(drive(Arc::clone(&self.store), slot));
                }
                answer
            }
            Way::Waits(place) => self.wait(call.until(), place).await,
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
        self.store.erase(owner).await
    }
}

impl<C: ConnectionTrait + Clone + Send + Sync + 'static> GroupingStore<C> {
    async fn wait(&self, until: Instant, mut place: Place) -> Result<Appended> {
        loop {
            match timeout_at(until, place.news()).await {
                Ok(Some(News::Answer(answer))) => return answer,
                Ok(Some(News::Lead(slot, news))) => {
                    place.listen(news);
                    tokio::spawn(drive(Arc::clone(&self.store), slot));
                }
                Ok(None) => {
                    let cause = Cause::new("the runtime has ended that had sent it");
                    return Err(Error::OutcomeUnknown(cause));
                }
                Err(_) => return place.give_up(),
            }
        }
    }
}
