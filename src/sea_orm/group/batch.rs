//! Which of the waiting turns go into one statement.

use crate::sea_orm::group::queue::Waiting;

/// The most turns of one statement: beyond a few dozen nothing is gained, and more wait for one answer.
const MOST_TURNS: usize = 64;

/// The most messages of one statement.
const MOST_MESSAGES: usize = 1_024;

/// The most content and metadata of one statement, in bytes; a larger turn goes alone. It bounds how
/// long short turns wait for long ones, far below the 1 GiB of PostgreSQL's protocol.
const MOST_BYTES: usize = 4 << 20;

/// Turns for one statement, in the order of their arrival.
#[derive(Default)]
pub(super) struct Batch {
    turns: Vec<Waiting>,
    messages: usize,
    bytes: usize,
}

impl Batch {
    /// Whether the statement would become too large by this turn.
    pub(super) fn is_full_for(&self, turn: &Waiting) -> bool {
        !self.turns.is_empty()
            && (self.turns.len() == MOST_TURNS
                || self.messages + turn.turn.messages().len() > MOST_MESSAGES
                || self.bytes + turn.bytes > MOST_BYTES)
    }

    /// The turn that this one is another send of.
    pub(super) fn like(&mut self, turn: &Waiting) -> Option<&mut Waiting> {
        self.turns.iter_mut().find(|other| other.is_like(turn))
    }

    /// Whether the statement can hold this turn beside those of the same conversation: what one of
    /// them stores decides neither about a count that another expects nor about its key.
    pub(super) fn suits(&self, turn: &Waiting) -> bool {
        let mut same = self.turns.iter().filter(|other| other.chat == turn.chat).peekable();
        same.peek().is_none()
            || (turn.turn.expected_count().is_none()
                && same.all(|other| {
                    other.turn.expected_count().is_none()
                        && (turn.turn.key().is_none() || other.turn.key() != turn.turn.key())
                }))
    }

    pub(super) fn push(&mut self, turn: Waiting) {
        self.messages += turn.turn.messages().len();
        self.bytes += turn.bytes;
        self.turns.push(turn);
    }

    pub(super) fn into_turns(self) -> Vec<Waiting> {
        self.turns
    }
}
