//! Sends what waits, statement after statement, and gives everybody their own answer.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use tokio::time::Instant;

use crate::{
    error::Result,
    id::{ConversationId, UserId},
    message::Message,
    sea_orm::{
        SeaOrmStore,
        call::Failure,
        convert,
        error::unreadable,
        group::{
            gate::{Held, Slot},
            queue::{Waiting, too_late},
        },
        postgres,
    },
    turn::{Appended, Turn},
};

/// Sends until nothing waits. This is a task of its own, so that a caller who goes away takes nobody's
/// turn along.
pub(super) async fn drive<C>(store: Arc<SeaOrmStore<C>>, slot: Slot)
where
    C: ConnectionTrait + Send + Sync + 'static,
{
    while let Some((turns, held)) = slot.take() {
        if turns.len() == 1 {
            send_singly(&store, turns).await;
            continue;
        }
        let left = send_together(&store, turns).await;
        send_aside(&store, left, held);
    }
}

/// Sends turns by one statement; those that it has not answered are left.
async fn send_together<C: ConnectionTrait>(
    store: &SeaOrmStore<C>,
    turns: Vec<Waiting>,
) -> Vec<Waiting> {
    match store.append_group(&turns).await {
        Ok(answers) => {
            let mut left = Vec::new();
            for (turn, stored) in turns.into_iter().zip(answers) {
                match stored {
                    Some(messages) => turn.answer(Ok(Appended::stored(messages))),
                    None => left.push(turn),
                }
            }
            left
        }
        // One of them is at fault, and nothing was applied.
        Err(Failure::Duplicate | Failure::Refused(_)) => turns,
        Err(Failure::Other(error)) => {
            turns.into_iter().for_each(|turn| turn.answer(Err(error.clone())));
            Vec::new()
        }
    }
}

/// Has what is left sent by itself while others go on: conversation by conversation, each in its order.
fn send_aside<C>(store: &Arc<SeaOrmStore<C>>, mut left: Vec<Waiting>, mut held: Held)
where
    C: ConnectionTrait + Send + Sync + 'static,
{
    while let Some(chat) = left.first().map(|turn| turn.chat) {
        let turns = left.extract_if(.., |turn| turn.chat == chat).collect();
        let (store, held) = (Arc::clone(store), held.split(chat));
        tokio::spawn(async move {
            send_singly(&store, turns).await;
            drop(held);
        });
    }
}

/// Sends turns of one conversation as a store does that groups nothing.
async fn send_singly<C: ConnectionTrait>(store: &SeaOrmStore<C>, turns: Vec<Waiting>) {
    for turn in turns.into_iter().filter(|turn| !turn.is_given_up()) {
        let (owner, id) = turn.chat;
        let answer = if turn.until <= Instant::now() {
            Err(too_late())
        } else {
            store.append_by(store.by(owner).ending(turn.until), owner, id, &turn.turn).await
        };
        turn.answer(answer);
    }
}

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// Appends turns by one statement: what each has stored, or `None` where the statement says only
    /// that it has stored nothing.
    async fn append_group(&self, turns: &[Waiting]) -> Result<Vec<Option<Vec<Message>>>, Failure> {
        let calls: Vec<(UserId, ConversationId, &Turn)> =
            turns.iter().map(|turn| (turn.chat.0, turn.chat.1, &turn.turn)).collect();
        // Whose deadline is earlier has a clock of their own.
        let until = turns.iter().map(|turn| turn.until).max();
        let call = until.map_or(self.by_nobody(), |until| self.by_nobody().ending(until));
        let values = |_| postgres::turns(&calls);
        let (dialect, rows) = self.write(call, &self.statements.append_group, values).await?;
        convert::appended_each(dialect, &calls, rows)
            .map_err(|error| Failure::Other(unreadable(error)))
    }
}
