//! Conversations, as they are created.

use std::sync::Arc;

use crate::{error::Result, key::SessionId, metadata::Metadata, title::Title};

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
    /// What the owner calls it.
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
