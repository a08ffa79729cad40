//! The contract of one conversation, as a value with calls.

use std::collections::BTreeMap;

/// What is asked of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Append {
        messages: Vec<u64>,
        key: Option<u64>,
        expected: Option<u32>,
    },
    /// The newest messages, at most so many.
    Last(u32),
    Count,
    Delete,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Stored { first: u32, replayed: bool },
    KeyReused,
    Moved,
    NotFound,
    Page { first: u32, messages: Vec<u64> },
    Count(u32),
    Deleted,
}

/// The state of the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Spec {
    deleted: bool,
    messages: Vec<u64>,
    /// Where the turn with this key begins, and what it is.
    keys: BTreeMap<u64, (u32, Vec<u64>)>,
}

impl Spec {
    /// Applies a call, all at once.
    pub(super) fn apply(&mut self, call: &Call) -> Answer {
        if self.deleted {
            return Answer::NotFound;
        }
        let count = self.messages.len() as u32;
        match call {
            Call::Append { messages, key, expected } => self.append(messages, *key, *expected),
            Call::Last(limit) => {
                let messages = self.messages[count.saturating_sub(*limit) as usize..].to_vec();
                let first = if messages.is_empty() { 0 } else { count - messages.len() as u32 + 1 };
                Answer::Page { first, messages }
            }
            Call::Count => Answer::Count(count),
            Call::Delete => {
                self.deleted = true;
                Answer::Deleted
            }
        }
    }

    fn append(&mut self, messages: &[u64], key: Option<u64>, expected: Option<u32>) -> Answer {
        match key.and_then(|key| self.keys.get(&key)) {
            Some((first, stored)) if stored == messages => {
                return Answer::Stored { first: *first, replayed: true };
            }
            Some(_) => return Answer::KeyReused,
            None => {}
        }
        let count = self.messages.len() as u32;
        if expected.is_some_and(|expected| expected != count) {
            return Answer::Moved;
        }
        self.messages.extend(messages);
        if let Some(key) = key {
            self.keys.insert(key, (count + 1, messages.to_vec()));
        }
        Answer::Stored { first: count + 1, replayed: false }
    }
}
