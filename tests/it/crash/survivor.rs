//! A writer that outlives the server, and what it does about errors.

use std::sync::{Arc, atomic::Ordering};

use scrollback::{ConversationId, Error, UserId};
use tokio::time::timeout;

use super::{
    bench::{PATIENCE, Signals},
    told::Told,
};
use crate::{
    concurrent::{Answer, Append, Hand, Store},
    support::Random,
};

/// What writers do about errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    Right,
    /// Takes an error for success: a defect.
    Credulous,
}

/// One of those who write all the time.
pub(super) struct Survivor {
    pub(super) store: Store,
    pub(super) owner: UserId,
    pub(super) chats: Vec<i64>,
    pub(super) task: u64,
    pub(super) random: Random,
    pub(super) hand: Hand,
    pub(super) habit: Habit,
    /// The errors that may come.
    pub(super) allowed: fn(&Error) -> bool,
    pub(super) told: Told,
}

impl Survivor {
    /// Writes until told to end.
    pub(super) async fn write(mut self, signals: Arc<Signals>) -> Told {
        for number in 0.. {
            if signals.ending.load(Ordering::Relaxed) {
                break;
            }
            let append = Append {
                chat: self.random.below(self.chats.len() as u64) as usize,
                turn: (self.task << 32) + number,
                size: 1 + self.random.below(4) as u32,
                invoked: self.hand.now(),
                answer: None,
            };
            let append = self.send(append, &signals).await;
            signals.acknowledged.add_permits(usize::from(append.answer.is_some()));
            self.told.history.appends.push(append);
        }
        self.told
    }

    /// Sends again what was not applied, and every other time what may have been.
    async fn send(&mut self, append: Append, signals: &Signals) -> Append {
        let chat = ConversationId::new(self.chats[append.chat]);
        let mut in_doubt = false;
        loop {
            let call = self.store.append(self.owner, chat, append.to_turn());
            let Ok(answer) = timeout(PATIENCE, call).await else {
                self.told.hung += 1;
                return append;
            };
            let error = match answer {
                Ok(answer) => {
                    self.told.contradicted += usize::from(answer.replayed && !in_doubt);
                    let answer = append.answered(&answer.messages, self.hand.now());
                    return Append { answer: Some(answer), ..append };
                }
                Err(error) => error,
            };
            signals.refused.add_permits(1);
            let allowed = (self.allowed)(&error);
            self.told.note("append", &error, allowed);
            if self.habit == Habit::Credulous {
                // No answer said where it is, so it may as well be at the start.
                let answer = Answer { returned: self.hand.now(), first: 1 };
                return Append { answer: Some(answer), ..append };
            }
            in_doubt |= !is_refusal(&error);
            if !allowed || in_doubt && self.random.below(2) == 0 {
                return append;
            }
        }
    }
}

/// Whether the error says that nothing was applied.
fn is_refusal(error: &Error) -> bool {
    !matches!(error, Error::OutcomeUnknown(_) | Error::Internal(_))
}
