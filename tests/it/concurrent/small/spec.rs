//! The contract of one conversation, as a value with calls.

use std::collections::BTreeMap;

use scrollback::Version;

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
    Look,
    Update {
        expected: Option<Version>,
    },
    Delete {
        expected: Option<Version>,
    },
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Stored { first: u32, replayed: bool },
    KeyReused,
    Moved,
    NotFound,
    Page { first: u32, messages: Vec<u64> },
    Seen { count: u32, version: Version },
    Updated(Version),
    Changed,
    Deleted,
}

/// The state of the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Spec {
    deleted: bool,
    messages: Vec<u64>,
    /// Where the turn with this key begins, and what it is.
    keys: BTreeMap<u64, (u32, Vec<u64>)>,
    /// The last version that an answer has shown.
    shown: Option<Version>,
    /// Whether something has changed since, so that there is a later one, which nobody has seen.
    moved_on: bool,
}

impl Spec {
    /// Applies a call, all at once; whether this may be its answer. Which version a change makes is the
    /// store's to say: any later one.
    pub(super) fn apply(&mut self, call: &Call, answer: &Answer) -> bool {
        if self.deleted {
            return *answer == Answer::NotFound;
        }
        match (call, answer) {
            (Call::Append { messages, key, expected }, _) => {
                self.append(messages, *key, *expected) == *answer
            }
            (Call::Last(limit), _) => self.last(*limit) == *answer,
            (Call::Look, Answer::Seen { count, version }) => {
                *count == self.count() && self.shows(*version)
            }
            (Call::Update { expected }, Answer::Updated(version)) => {
                self.may_be(*expected) && {
                    self.shown = self.shown.max(*expected);
                    self.moved_on = true;
                    self.shows(*version)
                }
            }
            (Call::Delete { expected }, Answer::Deleted) => {
                self.deleted = self.may_be(*expected);
                self.deleted
            }
            (Call::Update { expected } | Call::Delete { expected }, Answer::Changed) => {
                expected.is_some_and(|expected| !self.is_surely(expected))
            }
            _ => false,
        }
    }

    /// Whether the conversation may be of this version; any will do where none is expected.
    fn may_be(&self, expected: Option<Version>) -> bool {
        match (expected, self.shown) {
            (Some(expected), Some(shown)) if self.moved_on => expected > shown,
            (Some(expected), Some(shown)) => expected == shown,
            _ => true,
        }
    }

    fn is_surely(&self, version: Version) -> bool {
        !self.moved_on && self.shown == Some(version)
    }

    /// Takes note of the version that it has now, if it may have that one.
    fn shows(&mut self, version: Version) -> bool {
        let possible = self.may_be(Some(version));
        (self.shown, self.moved_on) = (Some(version), false);
        possible
    }

    fn count(&self) -> u32 {
        self.messages.len() as u32
    }

    fn last(&self, limit: u32) -> Answer {
        let count = self.count();
        let messages = self.messages[count.saturating_sub(limit) as usize..].to_vec();
        let first = if messages.is_empty() { 0 } else { count - messages.len() as u32 + 1 };
        Answer::Page { first, messages }
    }

    fn append(&mut self, messages: &[u64], key: Option<u64>, expected: Option<u32>) -> Answer {
        match key.and_then(|key| self.keys.get(&key)) {
            Some((first, stored)) if stored == messages => {
                return Answer::Stored { first: *first, replayed: true };
            }
            Some(_) => return Answer::KeyReused,
            None => {}
        }
        let count = self.count();
        if expected.is_some_and(|expected| expected != count) {
            return Answer::Moved;
        }
        self.messages.extend(messages);
        self.moved_on = true;
        if let Some(key) = key {
            self.keys.insert(key, (count + 1, messages.to_vec()));
        }
        Answer::Stored { first: count + 1, replayed: false }
    }
}
