//! The drop-in for a dictionary of sessions.

use std::sync::Arc;

use crate::{
    chat_bot::{ChatBot, ChatError, Exchange},
    chat_exchange::{Asked, ChatExchange},
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::Result,
    id::UserId,
    key::{SessionId, TurnKey},
    message::Message,
    message_query::MessageQuery,
    page::{Limit, Page},
    reply_sink::ReplySink,
    store::ConversationStore,
    store_ext::ConversationStoreExt,
};

/// Chat sessions that survive a restart: start, message, history.
///
/// It stands where the host had `chat_sessions: HashMap<String, Vec<Message>>`. A session id names
/// one persistent conversation of one owner until that is deleted, across restarts and processes.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use scrollback::{BotError, ChatBot, ChatSessions, MemoryStore, Message, NewMessage, UserId, async_trait};
///
/// #[derive(Debug)]
/// struct Counter;
///
/// #[async_trait]
/// impl ChatBot for Counter {
///     async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
///         Ok(NewMessage::assistant(format!("I was handed {} messages.", history.len())))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), scrollback::ChatError> {
/// let sessions = ChatSessions::new(Arc::new(MemoryStore::new()), Arc::new(Counter));
/// let ann = UserId::new(1);
///
/// let session = sessions.start(ann).await?;
/// sessions.message(ann, &session, "Hello").await?;
/// let exchange = sessions.message(ann, &session, "And now?").await?;
///
/// assert_eq!(&*exchange.reply.content, "I was handed 3 messages.");
/// assert_eq!(sessions.history(ann, &session).await?.items.len(), 4);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChatSessions {
    store: Arc<dyn ConversationStore>,
    bot: Arc<dyn ChatBot>,
    window: Limit,
}

impl ChatSessions {
    /// Keeps the sessions in `store` and lets `bot` answer.
    #[must_use]
    pub fn new(store: Arc<dyn ConversationStore>, bot: Arc<dyn ChatBot>) -> Self {
        Self { store, bot, window: Limit::default() }
    }

    /// Hands the bot at most `window` messages, the newest; 50 when this is not called.
    #[must_use]
    pub const fn with_window(mut self, window: Limit) -> Self {
        self.window = window;
        self
    }

    /// Starts a session with an id of 122 random bits.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::create`].
    pub async fn start(&self, owner: UserId) -> Result<SessionId> {
        let session = SessionId::generate();
        self.open(owner, &session).await?;
        Ok(session)
    }

    /// Starts, or resumes, the session of an id that the host brings.
    ///
    /// # Errors
    ///
    /// As [`ConversationStoreExt::open_session`].
    pub async fn open(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.store.open_session(owner, session).await
    }

    /// Stores what the person says, lets the bot answer, stores the answer.
    ///
    /// # Errors
    ///
    /// As [`message_with_key`](Self::message_with_key), which is for clients that may send a message
    /// again or go away: here only the error knows the key under which the text is stored, and when it
    /// is [`ChatError::Store`] with [`OutcomeUnknown`](crate::Error::OutcomeUnknown) not even that. The text may be stored then,
    /// and sending it again may store it twice.
    pub async fn message(
        &self,
        owner: UserId,
        session: &SessionId,
        text: impl Into<Arc<str>> + Send,
    ) -> Result<Exchange, ChatError> {
        self.message_with_key(owner, session, &TurnKey::generate(), text).await
    }

    /// Like [`message`](Self::message), and safe to send again with the same `key`: the text is
    /// stored once, and the reply that was stored first is the reply of every attempt.
    ///
    /// Attempts at the same time may each ask the bot; one of the replies is stored. Where people do
    /// not wait for replies, a later attempt can leave questions and replies interleaved: a reply is
    /// found by its key, not by its place.
    ///
    /// The reply is stored under `key` followed by `/reply`, so `key` has at most 249 bytes and does
    /// not end like that itself.
    ///
    /// # Errors
    ///
    /// [`ChatError::Store`] when the owner has no such session, when the text breaks a limit, when
    /// the key was used for another text ([`Conflict`](crate::Error::Conflict)), or when the store fails.
    /// [`ChatError::Bot`] and [`ChatError::Reply`] when there is no reply and the text is stored.
    pub async fn message_with_key(
        &self,
        owner: UserId,
        session: &SessionId,
        key: &TurnKey,
        text: impl Into<Arc<str>> + Send,
    ) -> Result<Exchange, ChatError> {
        self.exchange(owner, session, Asked::new(key, text)?, None).await
    }

    /// Like [`message_with_key`](Self::message_with_key), and the bot puts the parts of its reply into
    /// `parts` as they come. A reply that an earlier attempt has stored comes in no parts.
    ///
    /// # Errors
    ///
    /// As [`message_with_key`](Self::message_with_key).
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ChatError, ChatSessions, Exchange, ReplySink, SessionId, TurnKey, UserId};
    ///
    /// async fn show(sessions: &ChatSessions, ann: UserId, session: &SessionId) -> Result<Exchange, ChatError> {
    ///     let (sink, mut parts) = ReplySink::new();
    ///     let key = TurnKey::generate();
    ///     let exchange = sessions.stream_with_key(ann, session, &key, "Hello", sink);
    ///     let shown = async { while let Some(part) = parts.next().await { print!("{part}") } };
    ///     tokio::join!(exchange, shown).0
    /// }
    /// ```
    pub async fn stream_with_key(
        &self,
        owner: UserId,
        session: &SessionId,
        key: &TurnKey,
        text: impl Into<Arc<str>> + Send,
        parts: ReplySink,
    ) -> Result<Exchange, ChatError> {
        self.exchange(owner, session, Asked::new(key, text)?, Some(parts)).await
    }

    /// The newest 1,000 messages of a session, in order, with a cursor to older ones.
    ///
    /// Messages have up to 4 MiB each: take [`history_page`](Self::history_page) where people write
    /// long ones.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no such session.
    pub async fn history(&self, owner: UserId, session: &SessionId) -> Result<Page<Message>> {
        self.history_page(owner, session, MessageQuery::last(Limit::MAX)).await
    }

    /// A page of a session's messages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no such session, and as
    /// [`ConversationStore::messages`].
    pub async fn history_page(
        &self,
        owner: UserId,
        session: &SessionId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let chat = self.store.find_session(owner, session).await?;
        self.store.messages(owner, chat.id, query).await
    }

    /// A page of the owner's conversations, each with its session id, newest activity first.
    ///
    /// # Errors
    ///
    /// As [`ConversationStore::list`].
    pub async fn list(
        &self,
        owner: UserId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>> {
        self.store.list(owner, query).await
    }

    /// Renames or archives the conversation of a session, or replaces its metadata.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no such session.
    pub async fn update(
        &self,
        owner: UserId,
        session: &SessionId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let chat = self.store.find_session(owner, session).await?;
        self.store.update(owner, chat.id, update).await
    }

    /// Ends a session: deletes its conversation with all messages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no such session.
    pub async fn end(&self, owner: UserId, session: &SessionId) -> Result<()> {
        let chat = self.store.find_session(owner, session).await?;
        self.store.delete(owner, chat.id, None).await
    }

    async fn exchange(
        &self,
        owner: UserId,
        session: &SessionId,
        asked: Asked,
        parts: Option<ReplySink>,
    ) -> Result<Exchange, ChatError> {
        let chat = self.store.find_session(owner, session).await?;
        let (store, bot, window) = (&*self.store, &*self.bot, self.window);
        ChatExchange { store, bot, window, parts, chat }.complete(asked).await
    }
}
