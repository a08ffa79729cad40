//! What is appended at once.

use crate::{
    error::{Error, Result},
    key::TurnKey,
    limit,
    message::{Message, NewMessage},
};

/// One or more messages that are stored together or not at all.
///
/// A turn that exists is within the [limits](crate::limit).
///
/// # Examples
///
/// A turn that may be sent any number of times, and only applies to a conversation of two messages:
///
/// ```
/// use scrollback::{NewMessage, Turn, TurnKey};
///
/// let turn = Turn::new([NewMessage::user("And tomorrow?"), NewMessage::assistant("Rain.")])?
///     .with_key(TurnKey::new("request-81")?)
///     .with_expected_count(2);
///
/// assert_eq!(turn.messages().len(), 2);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    messages: Vec<NewMessage>,
    key: Option<TurnKey>,
    expected_count: Option<u32>,
}

impl Turn {
    /// Takes the messages in their order.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when there is none or more than 256, when a content is
    /// empty, longer than 4 MiB or contains NUL, or when all together exceed 64 MiB.
    pub fn new(messages: impl IntoIterator<Item = NewMessage>) -> Result<Self> {
        // One more than the limit is enough to know that it is broken, whatever the iterator holds.
        let messages: Vec<_> = messages.into_iter().take(limit::MAX_TURN_MESSAGES + 1).collect();
        let mut bytes = 0;
        for message in &messages {
            limit::text("content", &message.content, limit::MAX_CONTENT_BYTES)?;
            bytes += message.content.len() + message.metadata.as_json().len();
        }
        limit::turn(messages.len(), bytes)?;
        Ok(Self { messages, key: None, expected_count: None })
    }

    /// Makes it safe to send again: stored once for this key, and every answer is the same.
    #[must_use]
    pub fn with_key(mut self, key: TurnKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Applies only while the conversation holds exactly `count` messages (optimistic concurrency).
    #[must_use]
    pub const fn with_expected_count(mut self, count: u32) -> Self {
        self.expected_count = Some(count);
        self
    }

    /// The messages in their order; never empty.
    #[must_use]
    pub fn messages(&self) -> &[NewMessage] {
        &self.messages
    }

    /// The idempotency key, if there is one.
    #[must_use]
    pub const fn key(&self) -> Option<&TurnKey> {
        self.key.as_ref()
    }

    /// How many messages the conversation must hold, if that was asked for.
    #[must_use]
    pub const fn expected_count(&self) -> Option<u32> {
        self.expected_count
    }

    /// Whether `stored`, all messages under this turn's key, is what this turn would have stored.
    #[must_use]
    pub fn matches(&self, stored: &[Message]) -> bool {
        self.messages.len() == stored.len()
            && self.messages.iter().zip(stored).all(|(new, stored)| {
                let NewMessage { role, content, metadata } = new;
                (role, content, metadata) == (&stored.role, &stored.content, &stored.metadata)
            })
    }
}

impl TryFrom<NewMessage> for Turn {
    type Error = Error;

    fn try_from(message: NewMessage) -> Result<Self> {
        Self::new([message])
    }
}

impl<const N: usize> TryFrom<[NewMessage; N]> for Turn {
    type Error = Error;

    fn try_from(messages: [NewMessage; N]) -> Result<Self> {
        Self::new(messages)
    }
}

impl TryFrom<Vec<NewMessage>> for Turn {
    type Error = Error;

    fn try_from(messages: Vec<NewMessage>) -> Result<Self> {
        Self::new(messages)
    }
}

/// The answer to an append.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// The messages as they are stored, in their order.
    pub messages: Vec<Message>,
    /// Whether an earlier send of the same key had stored them.
    pub replayed: bool,
}

impl Appended {
    /// The answer of the call that stored the turn.
    #[must_use]
    pub const fn stored(messages: Vec<Message>) -> Self {
        Self { messages, replayed: false }
    }

    /// The answer when `stored` is what the turn's key has stored before.
    ///
    /// # Errors
    ///
    /// [`Conflict`](Error::Conflict) when `stored` is another payload than `turn`.
    pub fn replayed(turn: &Turn, stored: Vec<Message>) -> Result<Self> {
        if turn.matches(&stored) {
            Ok(Self { messages: stored, replayed: true })
        } else {
            Err(Error::Conflict(crate::error::Conflict::KeyReused))
        }
    }
}
