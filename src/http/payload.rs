//! What clients send. No field names an owner, an id, a position or a time, and no other is taken.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    conversation_update::ConversationUpdate,
    error::{Error, Result},
    http::body::{AROUND, ESCAPED, Payload},
    limit::{MAX_CONTENT_BYTES, MAX_METADATA_BYTES, MAX_TITLE_BYTES},
    message,
    metadata::Metadata,
    new_conversation,
};

/// A conversation to be created.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewConversation)]
pub(super) struct ConversationBody {
    /// What its owner calls it: 1 to 512 bytes.
    #[schema(min_length = 1, max_length = 512, pattern = "^[^\\u0000]*$")]
    title: Option<String>,
    /// Anything of the host's, up to 64 KiB.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl Payload for ConversationBody {
    const MAX_BYTES: usize = ESCAPED * (MAX_TITLE_BYTES + MAX_METADATA_BYTES) + AROUND;
    const OPTIONAL: bool = true;
}

impl ConversationBody {
    pub(super) fn checked(self) -> Result<new_conversation::NewConversation> {
        let mut new = new_conversation::NewConversation::new();
        if let Some(title) = self.title {
            new = new.with_title(title)?;
        }
        Ok(new.with_metadata(metadata(self.metadata)?))
    }
}

/// What to change on a conversation; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    /// The new title; `null` removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, pattern = "^[^\\u0000]*$")]
    title: Option<Option<String>>,
    /// Whether it belongs into the archive listing.
    #[schema(nullable = false)]
    archived: Option<bool>,
    /// Replaces the metadata as a whole.
    #[schema(value_type = Option<Object>, nullable = false)]
    metadata: Option<Value>,
}

impl Payload for Changes {
    const MAX_BYTES: usize = ConversationBody::MAX_BYTES;
}

impl Changes {
    pub(super) fn checked(self) -> Result<ConversationUpdate> {
        if self.title.is_none() && self.archived.is_none() && self.metadata.is_none() {
            return Err(Error::invalid("body", "names nothing to change"));
        }
        let mut update = ConversationUpdate::new();
        update = match self.title {
            Some(Some(title)) => update.with_title(title)?,
            Some(None) => update.without_title(),
            None => update,
        };
        update.archived = self.archived;
        if self.metadata.is_some() {
            update = update.with_metadata(metadata(self.metadata)?);
        }
        Ok(update)
    }
}

/// A message to be stored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
pub(super) struct MessageBody {
    /// Who speaks.
    #[schema(inline)]
    role: Speaker,
    /// What is said: 1 byte to 4 MiB.
    #[schema(min_length = 1, pattern = "^[^\\u0000]*$")]
    content: String,
    /// Anything of the host's, up to 64 KiB.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// Who may be said to speak: instructions and tools are the host's to write.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    User,
    Assistant,
}

impl Payload for MessageBody {
    const MAX_BYTES: usize = ESCAPED * (MAX_CONTENT_BYTES + MAX_METADATA_BYTES) + AROUND;
}

impl MessageBody {
    pub(super) fn checked(self) -> Result<message::NewMessage> {
        let role = match self.role {
            Speaker::User => message::Role::User,
            Speaker::Assistant => message::Role::Assistant,
        };
        let message = message::NewMessage::new(role, self.content);
        Ok(message.with_metadata(metadata(self.metadata)?))
    }
}

/// What a person says to the bot.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// The text: 1 byte to 4 MiB.
    #[schema(min_length = 1, pattern = "^[^\\u0000]*$")]
    pub(super) content: String,
}

impl Payload for Said {
    const MAX_BYTES: usize = ESCAPED * MAX_CONTENT_BYTES + AROUND;
}

fn metadata(value: Option<Value>) -> Result<Metadata> {
    value.map_or(Ok(Metadata::default()), Metadata::new)
}

/// Tells `null` from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
