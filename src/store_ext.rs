//! Convenience on top of the contract, written once for every store.

use futures_util::{Stream, TryStreamExt, stream};

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    error::{Conflict, Error, Result},
    id::{ConversationId, UserId},
    key::SessionId,
    message::Message,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    page::{Limit, Page},
    store::ConversationStore,
    user_history::UserHistory,
};

/// What every [`ConversationStore`] can do beyond the contract.
pub trait ConversationStoreExt: ConversationStore {
    /// Binds the store to one owner: what a request handler holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ConversationStoreExt, MemoryStore, NewConversation, NewMessage, UserId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let history = MemoryStore::new().for_user(UserId::new(1));
    ///
    /// let chat = history.create(NewConversation::new()).await?;
    /// history.append(chat.id, NewMessage::user("Hello")).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn for_user(&self, owner: UserId) -> UserHistory<Self>
    where
        Self: Clone + Sized,
    {
        UserHistory::new(self.clone(), owner)
    }

    /// The conversation of a session, created when the owner has none yet.
    ///
    /// Any number of calls, from anywhere, lead to the same conversation.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) as [`create`](ConversationStore::create) gives it.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ConversationStoreExt, MemoryStore, SessionId, UserId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let (store, ann, session) = (MemoryStore::new(), UserId::new(1), SessionId::new("tab-1")?);
    ///
    /// let first = store.open_session(ann, &session).await?;
    /// let second = store.open_session(ann, &session).await?;
    ///
    /// assert_eq!(first.id, second.id);
    /// # Ok(())
    /// # }
    /// ```
    fn open_session(
        &self,
        owner: UserId,
        session: &SessionId,
    ) -> impl Future<Output = Result<Conversation>> + Send {
        async move {
            match self.find_session(owner, session).await {
                Err(Error::NotFound) => {}
                answer => return answer,
            }
            let new = NewConversation::new().with_session(session.clone());
            match self.create(owner, new).await {
                // Somebody else created it between the two calls.
                Err(Error::Conflict(Conflict::SessionTaken)) => {
                    self.find_session(owner, session).await
                }
                answer => answer,
            }
        }
    }

    /// All messages of a conversation in order, read page by page.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use scrollback::{ConversationStore, ConversationStoreExt, MemoryStore, NewConversation, NewMessage, Turn, UserId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let (store, ann) = (MemoryStore::new(), UserId::new(1));
    /// let chat = store.create(ann, NewConversation::new()).await?;
    /// store.append(ann, chat.id, Turn::new([NewMessage::user("Hello")])?).await?;
    ///
    /// let all: Vec<_> = store.walk_messages(ann, chat.id).try_collect().await?;
    ///
    /// assert_eq!(all.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    fn walk_messages(
        &self,
        owner: UserId,
        id: ConversationId,
    ) -> impl Stream<Item = Result<Message>> + Send {
        pages(MessageQuery::first(Limit::MAX), move |query| async move {
            let page = self.messages(owner, id, query).await?;
            let next = page.next.map(|cursor| MessageQuery::at(cursor, Limit::MAX));
            Ok((page, next))
        })
    }

    /// All conversations of a listing, newest activity first, read page by page from where `query`
    /// starts.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use scrollback::{ConversationQuery, ConversationStore, ConversationStoreExt, MemoryStore, NewConversation, UserId};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let (store, ann) = (MemoryStore::new(), UserId::new(1));
    /// store.create(ann, NewConversation::new()).await?;
    ///
    /// let all: Vec<_> = store.walk_conversations(ann, ConversationQuery::default()).try_collect().await?;
    ///
    /// assert_eq!(all.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    fn walk_conversations(
        &self,
        owner: UserId,
        query: ConversationQuery,
    ) -> impl Stream<Item = Result<Conversation>> + Send {
        pages(query, move |query| async move {
            let page = self.list(owner, query).await?;
            let next = page.next.map(|cursor| query.at(cursor));
            Ok((page, next))
        })
    }
}

impl<S: ConversationStore + ?Sized> ConversationStoreExt for S {}

fn pages<Q, T, F>(start: Q, read: impl Fn(Q) -> F + Send) -> impl Stream<Item = Result<T>> + Send
where
    Q: Send,
    T: Send,
    F: Future<Output = Result<(Page<T>, Option<Q>)>> + Send,
{
    stream::try_unfold((Some(start), read), |(query, read)| async move {
        let Some(query) = query else { return Ok(None) };
        let (page, next) = read(query).await?;
        Ok::<_, Error>(Some((stream::iter(page.items.into_iter().map(Ok)), (next, read))))
    })
    .try_flatten()
}
