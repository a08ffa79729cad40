//! What to read: a page of conversations, or a page of messages.

mod conversations;
mod messages;

pub use conversations::{ConversationQuery, ConversationSeek};
pub use messages::{MessageQuery, MessageWindow};

use crate::error::Error;

const fn altered() -> Error {
    Error::invalid("cursor", "was altered, or is of another listing")
}
