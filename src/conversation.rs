//! Conversations, as they are stored.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    error::{Conflict, Error, Result},
    id::{ConversationId, UserId},
    key::SessionId,
    metadata::Metadata,
    new_conversation::NewConversation,
    version::Version,
};

/// One stored conversation.
///
/// `Debug` shows neither title nor metadata. It serialises all fields under their names but the
/// owner, who is the reader; what is absent is `null`, and no metadata is `{}`.
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
    /// When it last changed: a turn, a new title, anything. Listings are ordered by it. Every change
    /// makes it later, by a microsecond at least: a clock that stands or steps back does not matter.
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

    /// The state it is in, for a change or a deletion that is only meant for this one.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::of(self.updated_at)
    }

    /// For stores: lets a call go on that expects this version, or none.
    ///
    /// # Errors
    ///
    /// [`Conflict::Changed`] when another is expected.
    pub fn check_version(&self, expected: Option<Version>) -> Result<()> {
        match expected {
            Some(expected) if expected != self.version() => Err(Error::Conflict(Conflict::Changed)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("title", &self.title.as_ref().map(|title| Redacted(title.len())))
            .field("session", &self.session)
            .field("metadata", &self.metadata)
            .field("message_count", &self.message_count)
            .field("archived", &self.archived)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// The length of a text that must not appear in a log.
struct Redacted(usize);

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_how_long_a_title_is() {
        let new = NewConversation::new().with_title("secret").unwrap();
        let title = new.title.clone();
        let (id, owner) = (ConversationId::new(7), UserId::new(8));
        let chat = Conversation::new(id, owner, new, DateTime::UNIX_EPOCH);

        assert!(format!("{chat:?}").starts_with(
            "Conversation { id: ConversationId(7), owner: UserId(8), title: Some(6 bytes), "
        ));
        assert_eq!(format!("{title:?}"), "Some(Title(6 bytes))");
    }
}
