//! The contract: what every store of conversations does.

use std::fmt::Debug;

use async_trait::async_trait;
use serde::Serialize;

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
    turn::{Appended, Turn},
    version::Version,
};

/// Conversations and their messages, each belonging to one owner.
///
/// # Contract
///
/// The [conformance kit](crate::conformance) tests a store against these rules and cites their
/// numbers.
///
/// 1. **Owned.** Every method takes the owner first. Unknown, foreign and deleted things give the
///    same [`NotFound`](crate::Error::NotFound): same variant, same `Display`, same `Debug`, same
///    number of statements.
/// 2. **Atomic.** A call that fails has changed nothing. A turn is stored whole or not at all. What a
///    call expects, a count or a version, is compared in the same step as the change is made.
/// 3. **Dense order.** The messages of a conversation have positions 1 to n, assigned when stored
///    and never reused. Order is by position, never by time. `created_at` never decreases with
///    position. Every change of a conversation makes its `updated_at` later, whatever the clock says,
///    so no two states of it that can be read share one: it is the [version](Version). What changes
///    nothing, such as a turn sent again, keeps it.
/// 4. **Read your writes.** What a call has acknowledged, every later call sees, from any process on
///    the same database.
/// 5. **Exactly once.** A turn with a key can be sent any number of times, from anywhere: it is
///    stored once and every answer returns the same messages. The same key with another payload is
///    [`Conflict::KeyReused`](crate::Conflict::KeyReused).
/// 6. **Cancel safe.** A dropped future leaves the call done or not done, never half done, and
///    leaves the store usable.
/// 7. **Readable.** Whatever was accepted reads back byte for byte. Every input type checks the
///    [limits](crate::limit) when it is built, so all stores accept and refuse the same.
/// 8. **Stable pages.** Walking pages while others write never repeats or skips what was there at
///    the start; a conversation that changes meanwhile moves to the front of its listing. A cursor
///    needs no look-up, works in both directions and belongs to its owner; a bad or foreign one is
///    [`InvalidInput`](crate::Error::InvalidInput), never page 1.
/// 9. **Bounded.** Every call ends within its deadline, with an answer or with an error that says
///    whether the write may have happened ([`OutcomeUnknown`](crate::Error::OutcomeUnknown)) or not
///    ([`Busy`](crate::Error::Busy)).
/// 10. **Silent.** No content, title, metadata or credential appears in an error, a log line, a span
///     or `Debug`.
///
/// There is no method without an owner, and none must ever be added.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use scrollback::{
///     ConversationStore, ConversationStoreExt, Limit, MemoryStore, MessageQuery, NewConversation,
///     NewMessage, Turn, UserId,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let store: Arc<dyn ConversationStore> = Arc::new(MemoryStore::new());
/// let (ann, ben) = (UserId::new(1), UserId::new(2));
///
/// let chat = store.create(ann, NewConversation::new().with_title("Weather")?).await?;
/// let turn = Turn::new([NewMessage::user("Will it rain?"), NewMessage::assistant("Yes.")])?;
/// store.append(ann, chat.id, turn).await?;
///
/// let page = store.messages(ann, chat.id, MessageQuery::last(Limit::new(50)?)).await?;
/// assert_eq!(page.items.len(), 2);
/// // For anyone else it does not exist.
/// assert!(store.get(ben, chat.id).await.is_err());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait ConversationStore: Debug + Send + Sync + 'static {
    /// Creates a conversation without messages.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Error::Conflict) when the owner has a conversation with this session id.
    /// [`NotFound`](crate::Error::NotFound) when the store checks owners against a users table that
    /// has no such user.
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation>;

    /// Reads one conversation, without its messages.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has none with this id.
    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation>;

    /// Reads the conversation that a session id names.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has none with this session id.
    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation>;

    /// Reads a page of the owner's conversations, newest activity first.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::Error::InvalidInput) when the cursor is not one of this listing.
    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>>;

    /// Changes title, archived or metadata, and returns the conversation as it is then.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has none with this id, whatever version is
    /// expected. [`Conflict`](crate::Error::Conflict) when it is not of the expected version.
    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation>;

    /// Deletes a conversation with its messages and frees its session id; only while it is of the
    /// `expected` version, if one is given.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has none with this id, whatever version is
    /// expected, which is also the answer to the second of two deletes.
    /// [`Conflict`](crate::Error::Conflict) when it is not of the expected version.
    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()>;

    /// Appends a turn and returns its messages as they are stored.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no conversation with this id.
    /// [`Conflict`](crate::Error::Conflict) when the key was used for another payload, or when the
    /// conversation does not hold the expected number of messages (and the key, if any, is new).
    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended>;

    /// Reads a page of messages, in order of position. A conversation without messages is an empty
    /// page.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::Error::NotFound) when the owner has no conversation with this id.
    /// [`InvalidInput`](crate::Error::InvalidInput) when the cursor is not one of this conversation.
    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>>;

    /// Deletes everything the owner has, and counts it. Erasing nothing is no error.
    ///
    /// A conversation whose creation is under way at the same moment may be created afterwards:
    /// stop the user's requests first. A database keeps what is deleted in dead rows until it is
    /// vacuumed (PostgreSQL manual, "Routine Vacuuming"), and in its backups.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    async fn erase(&self, owner: UserId) -> Result<Erased>;
}

// Applications hold `Arc<dyn ConversationStore>`; a generic method would end that.
const _: fn(&dyn ConversationStore) = |_| {};

/// The receipt of [`erase`](ConversationStore::erase): what is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Erased {
    /// How many conversations.
    pub conversations: u64,
    /// How many messages they held.
    pub messages: u64,
}

impl Erased {
    /// A receipt over these counts.
    #[must_use]
    pub const fn new(conversations: u64, messages: u64) -> Self {
        Self { conversations, messages }
    }
}
