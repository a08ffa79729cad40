//! A store bound to its owner.

use std::sync::Arc;

use futures_util::Stream;

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::{Error, Result},
    id::{ConversationId, UserId},
    key::SessionId,
    message::Message,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    page::{Limit, Page},
    store::{ConversationStore, Erased},
    store_ext::ConversationStoreExt,
    turn::{Appended, Turn},
    version::Version,
};

/// One owner's conversations: what a request handler holds after authentication.
///
/// It can reach nothing of anybody else, so a handler that holds only this cannot forget the owner.
/// Cheap to make and to clone. The methods are those of [`ConversationStore`], with its errors.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use scrollback::{ConversationStore, ConversationStoreExt, Limit, MemoryStore, NewConversation, NewMessage, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let store: Arc<dyn ConversationStore> = Arc::new(MemoryStore::new());
///
/// let history = store.for_user(UserId::new(1));
/// let chat = history.create(NewConversation::new().with_title("Weather")?).await?;
/// history.append(chat.id, [NewMessage::user("Rain?"), NewMessage::assistant("No.")]).await?;
///
/// assert_eq!(history.last(chat.id, Limit::default()).await?.items.len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct UserHistory<S = Arc<dyn ConversationStore>> {
    store: S,
    owner: UserId,
}

impl<S: ConversationStore> UserHistory<S> {
    /// Binds `store` to `owner`; [`for_user`](ConversationStoreExt::for_user) reads better.
    #[must_use]
    pub const fn new(store: S, owner: UserId) -> Self {
        Self { store, owner }
    }

    /// Whose history this is.
    #[must_use]
    pub const fn owner(&self) -> UserId {
        self.owner
    }

    /// Creates a conversation.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::create`].
    pub async fn create(&self, new: NewConversation) -> Result<Conversation> {
        self.store.create(self.owner, new).await
    }

    /// Reads one conversation, without its messages.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::get`].
    pub async fn get(&self, id: ConversationId) -> Result<Conversation> {
        self.store.get(self.owner, id).await
    }

    /// Reads the conversation that a session id names.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::find_session`].
    pub async fn find_session(&self, session: &SessionId) -> Result<Conversation> {
        self.store.find_session(self.owner, session).await
    }

    /// The conversation of a session, created when there is none yet.
    ///
    /// # Errors
    ///
    /// As [`ConversationStoreExt::open_session`].
    pub async fn open_session(&self, session: &SessionId) -> Result<Conversation> {
        self.store.open_session(self.owner, session).await
    }

    /// Reads a page of conversations, newest activity first.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::list`].
    pub async fn list(&self, query: ConversationQuery) -> Result<Page<Conversation>> {
        self.store.list(self.owner, query).await
    }

    /// Changes title, archived or metadata; with an expected version, unless it has changed since.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::update`].
    pub async fn update(
        &self,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        self.store.update(self.owner, id, update).await
    }

    /// Deletes a conversation with its messages.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::delete`].
    pub async fn delete(&self, id: ConversationId) -> Result<()> {
        self.store.delete(self.owner, id, None).await
    }

    /// Deletes a conversation with its messages, unless it has changed since it was of `version`.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::delete`].
    pub async fn delete_unchanged(&self, id: ConversationId, version: Version) -> Result<()> {
        self.store.delete(self.owner, id, Some(version)).await
    }

    /// Appends a [`Turn`], or one or several [`NewMessage`](crate::NewMessage)s as a turn.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::append`], and [`InvalidInput`](Error::InvalidInput) as [`Turn::new`].
    pub async fn append<T>(&self, id: ConversationId, turn: T) -> Result<Appended>
    where
        T: TryInto<Turn> + Send,
        Error: From<T::Error>,
    {
        let turn = turn.try_into()?;
        self.store.append(self.owner, id, turn).await
    }

    /// Reads a page of messages, in order of position.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::messages`].
    pub async fn messages(&self, id: ConversationId, query: MessageQuery) -> Result<Page<Message>> {
        self.store.messages(self.owner, id, query).await
    }

    /// Reads the newest messages, in order of position.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::messages`].
    pub async fn last(&self, id: ConversationId, limit: Limit) -> Result<Page<Message>> {
        self.messages(id, MessageQuery::last(limit)).await
    }

    /// Reads all messages of a conversation in order, page by page.
    ///
    /// The stream ends with the first error: those of [`ConversationStore::messages`].
    pub fn walk_messages(&self, id: ConversationId) -> impl Stream<Item = Result<Message>> + Send {
        self.store.walk_messages(self.owner, id)
    }

    /// Reads all conversations of a listing, newest activity first, page by page.
    ///
    /// The stream ends with the first error: those of [`ConversationStore::list`].
    pub fn walk_conversations(
        &self,
        query: ConversationQuery,
    ) -> impl Stream<Item = Result<Conversation>> + Send {
        self.store.walk_conversations(self.owner, query)
    }

    /// Deletes everything the owner has, and counts it.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::erase`].
    pub async fn erase(&self) -> Result<Erased> {
        self.store.erase(self.owner).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Conflict, memory::MemoryStore};

    #[tokio::test]
    async fn what_is_deleted_or_erased_here_is_gone_from_the_store() {
        let (store, ann) = (MemoryStore::new(), UserId::new(1));
        let history = store.for_user(ann);
        let mut chats = Vec::new();
        for _ in 0..3 {
            chats.push(history.create(NewConversation::new()).await.unwrap().id);
        }

        history.delete(chats[0]).await.unwrap();
        let deleted = store.get(ann, chats[0]).await;
        let seen = history.get(chats[1]).await.unwrap().version();
        let update = ConversationUpdate::new().with_expected_version(seen);
        let now = history.update(chats[1], update).await.unwrap().version();
        let stale = history.delete_unchanged(chats[1], seen).await;
        history.delete_unchanged(chats[1], now).await.unwrap();
        let erased = history.erase().await.unwrap();

        assert_eq!(history.owner(), ann);
        assert!(matches!(deleted, Err(Error::NotFound)));
        assert!(matches!(stale, Err(Error::Conflict(Conflict::Changed))));
        assert!(matches!(store.get(ann, chats[1]).await, Err(Error::NotFound)));
        assert_eq!(erased.conversations, 1);
        assert!(matches!(store.get(ann, chats[2]).await, Err(Error::NotFound)));
    }
}
