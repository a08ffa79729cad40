//! What was done to the conversations of one owner, and when.

use scrollback::{Message, NewMessage, Turn, TurnKey};
use serde::{Deserialize, Serialize};

/// Everything that some tasks did, in no particular order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct History {
    pub(crate) appends: Vec<Append>,
    pub(crate) reads: Vec<Read>,
    pub(crate) counts: Vec<Count>,
    /// How long each call of an append took, in microseconds.
    pub(crate) waits: Vec<u64>,
    /// How many of them were refused and sent again.
    pub(crate) retries: u64,
}

impl History {
    pub(crate) fn add(&mut self, other: Self) {
        let Self { appends, reads, counts, waits, retries } = other;
        self.appends.extend(appends);
        self.reads.extend(reads);
        self.counts.extend(counts);
        self.waits.extend(waits);
        self.retries += retries;
    }
}

/// A turn of 1 to 4 messages whose contents are numbers that occur nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Append {
    /// Which of the conversations.
    pub(crate) chat: usize,
    /// The name of the turn.
    pub(crate) turn: u64,
    pub(crate) size: u32,
    /// When it was first sent.
    pub(crate) invoked: u64,
    /// None when it was never acknowledged.
    pub(crate) answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) returned: u64,
    /// The position of the first message; 0 when the answer was no turn at dense positions.
    pub(crate) first: u32,
}

/// Names of turns are this far apart, so that a message's number tells its turn.
pub(crate) const LONGEST_TURN: u64 = 4;

impl Append {
    /// The content of the message at `index`.
    pub(crate) const fn value(&self, index: u32) -> u64 {
        self.turn * LONGEST_TURN + index as u64
    }

    /// What is sent, always the same.
    pub(crate) fn to_turn(self) -> Turn {
        let messages = (0..self.size).map(|index| NewMessage::user(self.value(index).to_string()));
        let key = TurnKey::new(format!("turn {}", self.turn)).unwrap();
        Turn::new(messages).unwrap().with_key(key)
    }

    /// What came back.
    pub(crate) fn answered(&self, messages: &[Message], returned: u64) -> Answer {
        let expected = (0..self.size).map(|index| self.value(index));
        let (first, values) = run(messages).unwrap_or_default();
        let first = if values.into_iter().eq(expected) { first } else { 0 };
        Answer { returned, first }
    }
}

/// A page of messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) chat: usize,
    pub(crate) invoked: u64,
    pub(crate) returned: u64,
    pub(crate) from: From,
    pub(crate) limit: u32,
    /// The position of the first message and the contents; None when the positions had gaps.
    pub(crate) page: Option<(u32, Vec<u64>)>,
}

/// Where a page was asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum From {
    After(u32),
    Before(u32),
    Last,
}

/// How many messages a conversation said it held.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) chat: usize,
    pub(crate) invoked: u64,
    pub(crate) returned: u64,
    pub(crate) count: u32,
}

/// The position of the first message and all contents, where positions are dense.
pub(crate) fn run(messages: &[Message]) -> Option<(u32, Vec<u64>)> {
    let first = messages.first().map_or(0, |message| message.position.get());
    let dense = (first..).zip(messages).all(|(at, message)| message.position.get() == at);
    dense.then(|| (first, messages.iter().map(value).collect()))
}

/// The number that is the content.
pub(crate) fn value(message: &Message) -> u64 {
    message.content.parse().unwrap_or(u64::MAX)
}
