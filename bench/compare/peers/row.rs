//! Owned values of the shape of ours, for those who decode rows by hand.

use chrono::{DateTime, Utc};
use scrollback::Role;

use crate::contender::{Shown, ShownChat};

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(super) id: i64,
    pub(super) position: i32,
    pub(super) role: Role,
    pub(super) content: String,
    pub(super) metadata: Option<String>,
    #[expect(dead_code, reason = "decoded because ours is")]
    pub(super) key: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

impl From<Message> for Shown {
    fn from(message: Message) -> Self {
        let json = |text: String| serde_json::from_str(&text).expect("metadata is JSON");
        Self {
            id: Some(message.id),
            position: u32::try_from(message.position).ok(),
            role: message.role.as_str().to_owned(),
            content: message.content,
            metadata: message.metadata.map(json),
            created_at: Some(message.created_at),
        }
    }
}

/// What is new about a message that was stored.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "decoded because ours is")]
pub(crate) struct Stored {
    pub(super) id: i64,
    pub(super) position: i32,
    pub(super) created_at: DateTime<Utc>,
}

/// A conversation.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "decoded because ours is")]
pub(crate) struct Chat {
    pub(super) id: i64,
    pub(super) session: Option<String>,
    pub(super) title: Option<String>,
    pub(super) metadata: Option<String>,
    pub(super) messages: i32,
    pub(super) archived: bool,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl From<Chat> for ShownChat {
    fn from(chat: Chat) -> Self {
        Self { id: chat.id, messages: chat.messages.unsigned_abs() }
    }
}
