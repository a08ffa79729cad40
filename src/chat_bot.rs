//! The chatbot that a host has, and what an exchange with it gives.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    error::Error,
    message::{Message, NewMessage},
    reply_sink::ReplySink,
};

/// The host's existing chatbot: it gets the history and returns the reply.
///
/// The reply is a [`NewMessage`], so it can carry metadata such as the model or the number of tokens.
/// A bot whose reply comes in parts implements [`stream`](Self::stream) as well; the whole reply is
/// what is stored.
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
    /// Whatever kept the bot from answering; the person's message stays stored. Over
    /// HTTP, the text of the error is neither sent nor logged, because it may quote what was said: a bot
    /// logs its own causes.
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError>;

    /// Like [`reply`](Self::reply), and puts the parts of the reply into `parts` as they come.
    ///
    /// The answer is what is stored; the parts are for whoever waits, and should add up to it. A bot
    /// that does not stream gives its reply as one part.
    ///
    /// # Errors
    ///
    /// As [`reply`](Self::reply).
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{BotError, ChatBot, Message, NewMessage, ReplySink, async_trait};
    ///
    /// #[derive(Debug)]
    /// struct Speller;
    ///
    /// #[async_trait]
    /// impl ChatBot for Speller {
    ///     async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
    ///         self.stream(history, &ReplySink::new().0).await
    ///     }
    ///
    ///     async fn stream(&self, _: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
    ///         for part in ["It ", "will ", "rain."] {
    ///             parts.push(part)?;
    ///         }
    ///         Ok(NewMessage::assistant("It will rain."))
    ///     }
    /// }
    /// ```
    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        let reply = self.reply(history).await?;
        parts.push(&reply.content)?;
        Ok(reply)
    }
}

/// Why a bot did not answer: any error of the host's.
pub type BotError = Box<dyn std::error::Error + Send + Sync>;

/// Why [`ChatSessions::message`](crate::ChatSessions::message) did not return a reply.
///
/// Where the person's message is stored already, the error has it as `asked`, with the key under
/// which it can be sent again: [`asked`](Self::asked).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The store refused the person's message, or failed; the inner error says whether it may have
    /// been stored.
    #[error(transparent)]
    Store(#[from] Error),

    /// The bot failed, or its reply breaks a limit. The person's message is stored.
    #[error("the bot did not answer; the message is kept, send it again with the same key")]
    #[non_exhaustive]
    Bot {
        /// The person's message as it is stored.
        asked: Box<Message>,
        /// What the bot said, or an [`Error::InvalidInput`] about its reply.
        source: BotError,
    },

    /// The store failed after the person's message was stored.
    #[error("the reply was not stored; the message is kept, send it again with the same key")]
    #[non_exhaustive]
    Reply {
        /// The person's message as it is stored.
        asked: Box<Message>,
        /// Why the history could not be read, or the reply not be stored.
        source: Error,
    },
}

impl ChatError {
    /// Whether the same call with the same key may succeed later: as
    /// [`Error::is_retryable`], and always when the bot failed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) | Self::Reply { source: error, .. } => error.is_retryable(),
            Self::Bot { .. } => true,
        }
    }

    /// The person's message, where it is stored: sending its text again with its key completes it.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ChatError, ChatSessions, Exchange, SessionId, UserId};
    ///
    /// async fn ask_twice(
    ///     sessions: &ChatSessions,
    ///     user: UserId,
    ///     session: &SessionId,
    /// ) -> Result<Exchange, ChatError> {
    ///     let failed = match sessions.message(user, session, "Hello").await {
    ///         Err(error) => error,
    ///         answered => return answered,
    ///     };
    ///     match failed.asked().and_then(|asked| asked.key.as_ref()) {
    ///         Some(key) => sessions.message_with_key(user, session, key, "Hello").await,
    ///         None => Err(failed),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub const fn asked(&self) -> Option<&Message> {
        match self {
            Self::Store(_) => None,
            Self::Bot { asked, .. } | Self::Reply { asked, .. } => Some(asked),
        }
    }
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        error::Cause,
        id::{ConversationId, MessageId, Position},
    };

    #[test]
    fn what_may_succeed_later_is_the_stores_to_say_and_a_bot_always_may() {
        let busy = || Error::Busy(Cause::new("no connection"));
        let asked = || {
            let (id, chat) = (MessageId::new(1), ConversationId::new(1));
            let (new, time) = (NewMessage::user("?"), DateTime::UNIX_EPOCH);
            Box::new(Message::new(id, chat, Position::FIRST, new, None, time))
        };

        for (error, retryable) in [
            (ChatError::Store(busy()), true),
            (ChatError::Store(Error::NotFound), false),
            (ChatError::Reply { asked: asked(), source: busy() }, true),
            (ChatError::Reply { asked: asked(), source: Error::NotFound }, false),
            (ChatError::Bot { asked: asked(), source: "away".into() }, true),
        ] {
            assert_eq!(error.is_retryable(), retryable, "{error:?}");
        }
    }
}
