//! The chatbot that a host has, and what an exchange with it gives.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    error::Error,
    message::{Message, NewMessage},
};

/// The host's existing chatbot: it gets the history and returns the reply.
///
/// The reply is a [`NewMessage`], so it can carry metadata such as the model or the number of tokens.
/// A bot that streams does not fit through one answer: append the person's turn with
/// [`UserHistory`](crate::UserHistory), stream, then append the whole reply under a key of its own.
///
/// # Examples
///
/// ```
/// use scrollback::{BotError, ChatBot, Message, NewMessage, async_trait};
///
/// #[derive(Debug)]
/// struct Parrot;
///
/// #[async_trait]
/// impl ChatBot for Parrot {
///     async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
///         let asked = history.last().ok_or("nothing was asked")?;
///         Ok(NewMessage::assistant(format!("You said: {}", asked.content)))
///     }
/// }
/// ```
#[async_trait]
pub trait ChatBot: Debug + Send + Sync + 'static {
    /// Answers the last message of `history`, which is the person's; older ones come before it.
    ///
    /// # Errors
    ///
    /// Whatever kept the bot from answering; the person's message stays stored.
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError>;
}

/// Why a bot did not answer: any error of the host's.
pub type BotError = Box<dyn std::error::Error + Send + Sync>;

/// Why [`ChatSessions::message`](crate::ChatSessions::message) did not return a reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The store failed, or refused the message.
    #[error(transparent)]
    Store(#[from] Error),

    /// The bot failed. The person's message is stored; send it again with the same key.
    #[error("the bot did not answer; the message is kept, send it again with the same key")]
    Bot(#[source] BotError),
}

/// What was said and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The person's message as it is stored.
    pub asked: Message,
    /// The bot's reply as it is stored.
    pub reply: Message,
    /// Whether the reply had been stored by an earlier attempt with the same key.
    pub replayed: bool,
}
