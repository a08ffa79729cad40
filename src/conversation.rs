//! Conversations, as they are stored, created and changed.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    error::Result,
    id::{ConversationId, UserId},
    key::SessionId,
    metadata::Metadata,
    title::Title,
};

/// One stored conversation.
///
/// `Debug` shows neither title nor metadata; serialising leaves out the owner, who is the reader.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationStore, MemoryStore, NewConversation, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let (store, ann) = (MemoryStore::new(), UserId::new(1));
///
/// let chat = store.create(ann, NewConversation::new().with_title("Trip to Oslo")?).await?;
///
/// assert_eq!(chat.title.as_deref(), Some("Trip to Oslo"));
/// assert_eq!((chat.message_count, chat.archived), (0, false));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Conversation {
    /// The name of this conversation.
    pub id: ConversationId,
    /// Whose it is.
    #[serde(skip)]
    pub owner: UserId,
    /// What the owner calls it: 1 to 512 bytes.
    pub title: Option<Arc<str>>,
    /// The host's session key for it.
    pub session: Option<SessionId>,
    /// What the host attached.
    pub metadata: Metadata,
    /// How many messages it holds, which is also the position of the last one.
    pub message_count: u32,
    /// Whether it is in the archive listing instead of the active one.
    pub archived: bool,
    /// When it was created, in UTC with microseconds.
    pub created_at: DateTime<Utc>,
    /// When it last changed: a turn, a new title, anything. Listings are ordered by it.
    pub updated_at: DateTime<Utc>,
}

impl Conversation {
    /// Builds the value that a store returns for a new conversation; everything else is public.
    #[must_use]
    pub fn new(
        id: ConversationId,
        owner: UserId,
        new: NewConversation,
        now: DateTime<Utc>,
    ) -> Self {
        let NewConversation { title, session, metadata } = new;
        Self {
            id,
            owner,
            title: title.map(Arc::from),
            session,
            metadata,
            message_count: 0,
            archived: false,
            created_at: now,
            updated_at: now,
        }
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title.as_ref().map(|title| format!("{} bytes", title.len()));
        f.debug_struct("Conversation")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("title", &title)
            .field("session", &self.session)
            .field("metadata", &self.metadata)
            .field("message_count", &self.message_count)
            .field("archived", &self.archived)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// A conversation to be created.
///
/// # Examples
///
/// ```
/// use scrollback::{NewConversation, SessionId};
///
/// let new = NewConversation::new().with_title("Trip to Oslo")?.with_session(SessionId::generate());
///
/// assert!(NewConversation::new().with_title("x".repeat(513)).is_err());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewConversation {
    /// The title.
    pub title: Option<Title>,
    /// The host's session key; unique among the owner's conversations.
    pub session: Option<SessionId>,
    /// What the host attaches.
    pub metadata: Metadata,
}

impl NewConversation {
    /// A conversation without title, session and metadata.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it a title.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::Error::InvalidInput) when it is empty, longer than 512 bytes or
    /// contains NUL.
    pub fn with_title(mut self, title: impl Into<Arc<str>>) -> Result<Self> {
        self.title = Some(Title::new(title)?);
        Ok(self)
    }

    /// Gives it a session id, which also makes creating it safe to repeat: the second attempt is a
    /// [`Conflict`](crate::Error::Conflict), and the session leads to the first.
    #[must_use]
    pub fn with_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Attaches `metadata`.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }
}

/// What to change on a conversation; what is not named stays.
///
/// # Examples
///
/// ```
/// use scrollback::ConversationUpdate;
///
/// let rename = ConversationUpdate::new().with_title("Trip to Bergen")?;
/// let clear_and_archive = ConversationUpdate::new().without_title().with_archived(true);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversationUpdate {
    /// `Some(Some(title))` sets it, `Some(None)` removes it.
    pub title: Option<Option<Title>>,
    /// `Some(true)` moves it to the archive listing, `Some(false)` back.
    pub archived: Option<bool>,
    /// Replaces the metadata as a whole.
    pub metadata: Option<Metadata>,
}

impl ConversationUpdate {
    /// Changes nothing but `updated_at`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::Error::InvalidInput) when it is empty, longer than 512 bytes or
    /// contains NUL.
    pub fn with_title(mut self, title: impl Into<Arc<str>>) -> Result<Self> {
        self.title = Some(Some(Title::new(title)?));
        Ok(self)
    }

    /// Removes the title.
    #[must_use]
    pub fn without_title(mut self) -> Self {
        self.title = Some(None);
        self
    }

    /// Moves the conversation into the archive or back.
    #[must_use]
    pub const fn with_archived(mut self, archived: bool) -> Self {
        self.archived = Some(archived);
        self
    }

    /// Replaces the metadata; `Metadata::default()` removes it.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = Some(metadata);
        self
    }
}
