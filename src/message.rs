//! Messages, as they are stored and as they are sent.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{ConversationId, MessageId, Position},
    key::TurnKey,
    metadata::Metadata,
};

/// Who speaks.
///
/// # Examples
///
/// ```
/// use scrollback::Role;
///
/// assert_eq!("assistant".parse::<Role>()?, Role::Assistant);
/// assert!("narrator".parse::<Role>().is_err());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// The person.
    User,
    /// The chatbot.
    Assistant,
    /// Instructions of the host to the chatbot.
    System,
    /// What a tool answered to the chatbot.
    Tool,
}

impl Role {
    /// The text by which the role is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "user" => Ok(Self::User),
            "assistant" => Ok(Self::Assistant),
            "system" => Ok(Self::System),
            "tool" => Ok(Self::Tool),
            _ => Err(Error::invalid("role", "is none of user, assistant, system, tool")),
        }
    }
}

/// One stored message.
///
/// `content` reads back byte for byte as it was sent, and is untrusted: escape it where it is shown.
/// Clones share it. `Debug` shows lengths only. It serialises all fields under their names, with
/// `null` where there is no key and `{}` where there is no metadata.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationStore, MemoryStore, MessageQuery, NewConversation, NewMessage, Turn, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let (store, ann) = (MemoryStore::new(), UserId::new(1));
/// let chat = store.create(ann, NewConversation::new()).await?;
/// let turn = Turn::new([NewMessage::user("Hello")])?;
///
/// let message = store.append(ann, chat.id, turn).await?.messages.remove(0);
///
/// assert_eq!((message.position.get(), &*message.content), (1, "Hello"));
/// assert!(!format!("{message:?}").contains("Hello"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// The name of this message.
    pub id: MessageId,
    /// The conversation that holds it.
    pub conversation: ConversationId,
    /// Its place in the conversation, from 1; the only thing that orders messages.
    pub position: Position,
    /// Who speaks.
    pub role: Role,
    /// What was said: 1 byte to 4 MiB of UTF-8 without NUL.
    pub content: Arc<str>,
    /// What the host attached.
    pub metadata: Metadata,
    /// The key of the turn it was sent in, if it had one.
    pub key: Option<TurnKey>,
    /// When it was stored, in UTC with microseconds; never decreases with `position`.
    pub created_at: DateTime<Utc>,
}

impl Message {
    /// Builds the value that a store returns.
    #[must_use]
    pub fn new(
        id: MessageId,
        conversation: ConversationId,
        position: Position,
        new: NewMessage,
        key: Option<TurnKey>,
        created_at: DateTime<Utc>,
    ) -> Self {
        let NewMessage { role, content, metadata } = new;
        Self { id, conversation, position, role, content, metadata, key, created_at }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("conversation", &self.conversation)
            .field("position", &self.position)
            .field("role", &self.role)
            .field("content", &format_args!("{} bytes", self.content.len()))
            .field("metadata", &self.metadata)
            .field("key", &self.key)
            .field("created_at", &self.created_at)
            .finish()
    }
}

/// A message to be stored. Owner, id, position and time are the store's to say.
///
/// # Examples
///
/// ```
/// use scrollback::{Metadata, NewMessage, Role};
/// use serde_json::json;
///
/// let message = NewMessage::new(Role::Tool, "{\"degrees\": 21}")
///     .with_metadata(Metadata::new(json!({ "tool": "weather" }))?);
///
/// assert_eq!(message.role, Role::Tool);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said; checked when the message becomes part of a [`Turn`](crate::Turn).
    pub content: Arc<str>,
    /// What the host attaches.
    pub metadata: Metadata,
}

impl NewMessage {
    /// A message of `role`.
    #[must_use]
    pub fn new(role: Role, content: impl Into<Arc<str>>) -> Self {
        Self { role, content: content.into(), metadata: Metadata::default() }
    }

    /// What the person says.
    #[must_use]
    pub fn user(content: impl Into<Arc<str>>) -> Self {
        Self::new(Role::User, content)
    }

    /// What the chatbot says.
    #[must_use]
    pub fn assistant(content: impl Into<Arc<str>>) -> Self {
        Self::new(Role::Assistant, content)
    }

    /// Attaches `metadata`.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMessage")
            .field("role", &self.role)
            .field("content", &format_args!("{} bytes", self.content.len()))
            .field("metadata", &self.metadata)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_one_text_everywhere() {
        for (role, text) in [
            (Role::User, "user"),
            (Role::Assistant, "assistant"),
            (Role::System, "system"),
            (Role::Tool, "tool"),
        ] {
            assert_eq!((role.as_str(), &*role.to_string()), (text, text));
            assert_eq!(text.parse::<Role>().unwrap(), role);
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{text}\""));
        }
    }

    #[test]
    fn debug_shows_how_long_a_message_is() {
        let new = NewMessage::user("secret");
        let (id, chat, time) = (MessageId::new(7), ConversationId::new(8), DateTime::UNIX_EPOCH);
        let message = Message::new(id, chat, Position::FIRST, new.clone(), None, time);

        assert_eq!(
            format!("{new:?}"),
            "NewMessage { role: User, content: 6 bytes, metadata: Metadata(2 bytes) }"
        );
        assert!(format!("{message:?}").starts_with(
            "Message { id: MessageId(7), conversation: ConversationId(8), position: Position(1), \
             role: User, content: 6 bytes, "
        ));
    }
}
