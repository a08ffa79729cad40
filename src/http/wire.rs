//! What is sent to clients.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    chat_bot, conversation, cursor::Cursor, key::SessionId, key::TurnKey, message,
    metadata::Metadata, store,
};

/// One conversation. Its owner is whoever reads it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Conversation {
    /// Its name: a 64-bit number as text, because JavaScript's numbers end at 2^53.
    id: String,
    /// By this name the endpoints below `/chat` know it.
    #[schema(value_type = Option<String>)]
    session_id: Option<SessionId>,
    /// What its owner calls it.
    #[schema(value_type = Option<String>)]
    title: Option<Arc<str>>,
    /// What was attached to it.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// How many messages it holds, which is also the position of the last one.
    message_count: u32,
    /// Whether it is in the archive listing.
    archived: bool,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: DateTime<Utc>,
}

impl From<conversation::Conversation> for Conversation {
    fn from(conversation: conversation::Conversation) -> Self {
        // No `..`: a new field must not compile until someone decides about it.
        let conversation::Conversation {
            id,
            owner: _,
            title,
            session,
            metadata,
            message_count,
            archived,
            created_at,
            updated_at,
        } = conversation;
        let (id, session_id) = (id.to_string(), session);
        Self { id, session_id, title, metadata, message_count, archived, created_at, updated_at }
    }
}

/// One message. Its content is untrusted: show it as text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    /// Its name: a 64-bit number as text.
    id: String,
    /// The conversation that holds it.
    conversation_id: String,
    /// Its place in the conversation, from 1: the only thing that orders messages.
    #[schema(minimum = 1)]
    position: u32,
    /// Who speaks.
    #[schema(inline)]
    role: Speaker,
    /// What was said.
    #[schema(value_type = String)]
    content: Arc<str>,
    /// What was attached to it.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// The key it was sent under; a reply has that of its question, and `/reply`.
    #[schema(value_type = Option<String>)]
    key: Option<TurnKey>,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: DateTime<Utc>,
}

/// Who speaks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Speaker {
    User,
    Assistant,
    System,
    Tool,
}

impl From<message::Role> for Speaker {
    fn from(role: message::Role) -> Self {
        match role {
            message::Role::User => Self::User,
            message::Role::Assistant => Self::Assistant,
            message::Role::System => Self::System,
            message::Role::Tool => Self::Tool,
        }
    }
}

impl From<message::Message> for Message {
    fn from(message: message::Message) -> Self {
        let message::Message {
            id,
            conversation,
            position,
            role,
            content,
            metadata,
            key,
            created_at,
        } = message;
        let (id, conversation_id) = (id.to_string(), conversation.to_string());
        let (position, role) = (position.get(), role.into());
        Self { id, conversation_id, position, role, content, metadata, key, created_at }
    }
}

/// Some items in reading order, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items.
    pub(super) items: Vec<T>,
    /// The cursor of the page before; `null` when there is none.
    #[schema(value_type = Option<String>)]
    pub(super) previous: Option<Cursor>,
    /// The cursor of the page after; `null` when there is none.
    #[schema(value_type = Option<String>)]
    pub(super) next: Option<Cursor>,
}

/// What was said and what was answered, as stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Exchange {
    /// The person's message.
    asked: Message,
    /// The bot's reply.
    reply: Message,
    /// Whether an earlier request with the same key had stored the reply.
    replayed: bool,
}

impl From<chat_bot::Exchange> for Exchange {
    fn from(exchange: chat_bot::Exchange) -> Self {
        let chat_bot::Exchange { asked, reply, replayed } = exchange;
        Self { asked: asked.into(), reply: reply.into(), replayed }
    }
}

/// A chat that was started.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Started {
    /// The name by which the other endpoints below `/chat` know it.
    #[schema(value_type = String)]
    pub(super) session_id: SessionId,
    /// Its conversation.
    pub(super) conversation: Conversation,
}

/// The receipt of an erasure: what is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Erased {
    /// How many conversations.
    conversations: u64,
    /// How many messages they held.
    messages: u64,
}

impl From<store::Erased> for Erased {
    fn from(erased: store::Erased) -> Self {
        let store::Erased { conversations, messages } = erased;
        Self { conversations, messages }
    }
}
