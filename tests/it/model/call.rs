//! A call as every store gets it: real inputs, with ids and cursors by symbol.

use scrollback::{ConversationUpdate, NewConversation, SessionId, Turn};

use super::op::Expected;

#[derive(Clone, Debug)]
pub(super) enum Call {
    Create(NewConversation),
    Get(Chat),
    FindSession(SessionId),
    List { archived: bool, limit: u32, at: Option<usize> },
    Update(Chat, ConversationUpdate, Expected),
    Delete(Chat, Expected),
    Append(Chat, Turn),
    Messages { chat: Chat, start: Start, limit: u32 },
    Erase,
    Audit,
}

/// A conversation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Chat {
    /// The n-th that was created, by whomever; it may be deleted.
    Known(usize),
    /// A number that no store ever gave.
    Never(i64),
}

/// Where a page of messages starts; cursors are the n-th that was given out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    First,
    Last,
    Before(u32),
    After(u32),
    At(usize),
}

impl Call {
    pub(super) const fn chat(&self) -> Option<Chat> {
        match self {
            Self::Get(chat)
            | Self::Update(chat, ..)
            | Self::Delete(chat, _)
            | Self::Append(chat, _)
            | Self::Messages { chat, .. } => Some(*chat),
            Self::Create(_)
            | Self::FindSession(_)
            | Self::List { .. }
            | Self::Erase
            | Self::Audit => None,
        }
    }

    /// The same call on another conversation.
    pub(super) fn with_chat(mut self, other: Chat) -> Self {
        match &mut self {
            Self::Get(chat)
            | Self::Update(chat, ..)
            | Self::Delete(chat, _)
            | Self::Append(chat, _)
            | Self::Messages { chat, .. } => *chat = other,
            Self::Create(_)
            | Self::FindSession(_)
            | Self::List { .. }
            | Self::Erase
            | Self::Audit => {}
        }
        self
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Get(_) => "get",
            Self::FindSession(_) => "find_session",
            Self::List { .. } => "list",
            Self::Update(..) => "update",
            Self::Delete(..) => "delete",
            Self::Append(..) => "append",
            Self::Messages { .. } => "messages",
            Self::Erase => "erase",
            Self::Audit => "audit",
        }
    }
}
