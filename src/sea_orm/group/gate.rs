//! Who may send now, who waits, and how one who ends lets the next one go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{sync::oneshot, time::Instant};

use crate::{
    error::{Cause, Error, Result},
    sea_orm::group::queue::{Arrival, Chat, News, Queue, Waiting, too_late},
    turn::{Appended, Turn},
};

/// Shared by all calls of a store and its clones.
pub(super) struct Gate {
    queue: Mutex<Queue>,
    most_statements: usize,
    most_waiting: usize,
}

/// How a call goes on.
pub(super) enum Way {
    /// By itself, at once.
    Free(Turn, Slot, Held),
    Waits(Place),
}

impl Gate {
    pub(super) fn new(most_statements: usize, most_waiting: usize) -> Arc<Self> {
        Arc::new(Self { queue: Mutex::default(), most_statements, most_waiting })
    }

    pub(super) fn enter(self: &Arc<Self>, arrival: Arrival) -> Result<Way> {
        let chat = arrival.chat;
        let mut queue = self.queue();
        if queue.is_free(chat, self.most_statements) {
            queue.start(chat);
            let (slot, held) = (Slot(Arc::clone(self)), self.held(vec![chat]));
            return Ok(Way::Free(arrival.turn, slot, held));
        }
        if queue.len() >= self.most_waiting {
            return Err(Error::Busy(Cause::new("too many turns wait to be sent")));
        }
        let (ticket, news) = queue.push(arrival);
        Ok(Way::Waits(Place { gate: Arc::clone(self), ticket, news }))
    }

    /// Lets somebody who waits have a statement sent, if there is room for one.
    ///
    /// What is told is told outside of the lock, because a slot that nobody takes comes back by it.
    fn hand_on(self: &Arc<Self>, ended: impl FnOnce(&mut Queue)) {
        let mut queue = self.queue();
        ended(&mut queue);
        let offer = queue.offer(self.most_statements);
        drop(queue);
        if let Some((tell, news)) = offer {
            let _taken_or_back = tell.send(News::Lead(Slot(Arc::clone(self)), news));
        }
    }

    fn held(self: &Arc<Self>, chats: Vec<Chat>) -> Held {
        Held { gate: Arc::clone(self), chats }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // What panics under the lock has changed nothing by halves.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to have one statement under way. Dropped, wherever that happens, it goes to the next one
/// who waits.
pub(super) struct Slot(Arc<Gate>);

impl Slot {
    pub(super) fn has_work(&self) -> bool {
        self.0.queue().has_work()
    }

    /// The turns of the next statement, if there are any.
    pub(super) fn take(&self) -> Option<(Vec<Waiting>, Held)> {
        let turns = self.0.queue().take(Instant::now());
        let chats: Vec<_> = turns.iter().map(|turn| turn.chat).collect();
        (!turns.is_empty()).then(|| (turns, self.0.held(chats)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.hand_on(Queue::end_statement);
    }
}

/// Conversations of which nothing else is sent until this is dropped.
pub(super) struct Held {
    gate: Arc<Gate>,
    chats: Vec<Chat>,
}

impl Held {
    /// Holds one of them by itself.
    pub(super) fn split(&mut self, chat: Chat) -> Self {
        self.chats.retain(|held| *held != chat);
        self.gate.held(vec![chat])
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gate.hand_on(|queue| queue.release(&self.chats));
    }
}

/// Where a call waits. Dropped, its turn is not sent any more, unless it is under way already.
pub(super) struct Place {
    gate: Arc<Gate>,
    ticket: u64,
    news: oneshot::Receiver<News>,
}

impl Place {
    /// Waits for the next news; `None` when nobody is left who could tell.
    pub(super) async fn news(&mut self) -> Option<News> {
        (&mut self.news).await.ok()
    }

    /// Goes on waiting there.
    pub(super) fn listen(&mut self, news: oneshot::Receiver<News>) {
        self.news = news;
    }

    /// What the call ends in when its deadline has passed.
    pub(super) fn give_up(&mut self) -> Result<Appended> {
        if self.gate.queue().withdraw(self.ticket) {
            return Err(too_late());
        }
        match self.news.try_recv() {
            Ok(News::Answer(answer)) => answer,
            _ => Err(Error::OutcomeUnknown(Cause::new("the deadline of the call has passed"))),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.queue().withdraw(self.ticket);
    }
}
