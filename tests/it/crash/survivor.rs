//! A writer that outlives the server, and what it does about errors.

use std::{
    collections::BTreeMap,
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use scrollback::{ConversationId, Error, UserId};
use tokio::sync::Semaphore;

use crate::{
    concurrent::{Append, Hand, Store},
    support::Random,
};

/// One of those who write all the time.
pub(super) struct Survivor {
    pub(super) store: Store,
    pub(super) owner: UserId,
    pub(super) chats: Vec<i64>,
    pub(super) task: u64,
    pub(super) random: Random,
    pub(super) hand: Hand,
    pub(super) errors: BTreeMap<String, u32>,
}

impl Survivor {
    /// Writes until told to end; what was sent, and the errors by name.
    pub(super) async fn write(
        mut self,
        acknowledged: Arc<Semaphore>,
        ending: Arc<AtomicBool>,
    ) -> (Vec<Append>, BTreeMap<String, u32>) {
        let mut appends = Vec::new();
        for number in 0.. {
            if ending.load(Ordering::Relaxed) {
                break;
            }
            let append = Append {
                chat: self.random.below(self.chats.len() as u64) as usize,
                turn: (self.task << 32) + number,
                size: 1 + self.random.below(4) as u32,
                invoked: self.hand.now(),
                answer: None,
            };
            let append = self.send(append).await;
            acknowledged.add_permits(usize::from(append.answer.is_some()));
            appends.push(append);
        }
        (appends, self.errors)
    }

    /// Sends again what was not applied, and every other time what may have been.
    async fn send(&mut self, append: Append) -> Append {
        let chat = ConversationId::new(self.chats[append.chat]);
        let mut in_doubt = false;
        loop {
            let error = match self.store.append(self.owner, chat, append.to_turn()).await {
                Ok(answer) => {
                    assert!(in_doubt || !answer.replayed, "what was refused was applied anyway");
                    let answer = append.answered(&answer.messages, self.hand.now());
                    return Append { answer: Some(answer), ..append };
                }
                Err(error) => error,
            };
            let cause = error.source().map(ToString::to_string);
            let name = format!("{}: {}", error.kind(), cause.unwrap_or_default());
            *self.errors.entry(name).or_insert(0) += 1;
            assert!(error.is_retryable(), "{error}");
            in_doubt |= matches!(error, Error::OutcomeUnknown(_));
            if in_doubt && self.random.below(2) == 0 {
                return append;
            }
        }
    }
}
