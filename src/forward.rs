//! Pointers to a store are stores.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::Result,
    id::{ConversationId, UserId},
    key::SessionId,
    message::Message,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    page::Page,
    store::{ConversationStore, Erased},
    turn::{Appended, Turn},
    version::Version,
};

macro_rules! forward {
    ($pointer:ident) => {
        // A method with a default, added later, must be forwarded too.
        #[deny(clippy::missing_trait_methods)]
        #[async_trait]
        impl<S: ConversationStore + ?Sized> ConversationStore for $pointer<S> {
            async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
                (**self).create(owner, new).await
            }

            async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
                (**self).get(owner, id).await
            }

            async fn find_session(
                &self,
                owner: UserId,
                session: &SessionId,
            ) -> Result<Conversation> {
                (**self).find_session(owner, session).await
            }

            async fn list(
                &self,
                owner: UserId,
                query: ConversationQuery,
            ) -> Result<Page<Conversation>> {
                (**self).list(owner, query).await
            }

            async fn update(
                &self,
                owner: UserId,
                id: ConversationId,
                update: ConversationUpdate,
            ) -> Result<Conversation> {
                (**self).update(owner, id, update).await
            }

            async fn delete(
                &self,
                owner: UserId,
                id: ConversationId,
                expected: Option<Version>,
            ) -> Result<()> {
                (**self).delete(owner, id, expected).await
            }

            async fn append(
                &self,
                owner: UserId,
                id: ConversationId,
                turn: Turn,
            ) -> Result<Appended> {
                (**self).append(owner, id, turn).await
            }

            async fn messages(
                &self,
                owner: UserId,
                id: ConversationId,
                query: MessageQuery,
            ) -> Result<Page<Message>> {
                (**self).messages(owner, id, query).await
            }

            async fn erase(&self, owner: UserId) -> Result<Erased> {
                (**self).erase(owner).await
            }
        }
    };
}

forward!(Arc);
forward!(Box);
