//! The turns that wait, and what must end before they are sent.

use std::{
    collections::{HashSet, VecDeque},
    mem,
};

use tokio::{sync::oneshot, time::Instant};

use crate::{
    error::{Cause, Error, Result},
    id::{ConversationId, UserId},
    sea_orm::group::{batch::Batch, gate::Slot},
    turn::{Appended, Turn},
};

/// A conversation by its whole name.
pub(super) type Chat = (UserId, ConversationId);

/// What a waiting call is told.
pub(super) enum News {
    Answer(Result<Appended>),
    /// It is to have the next statement sent, and goes on waiting here.
    Lead(Slot, oneshot::Receiver<Self>),
}

/// A turn that waits for its statement, or is in one.
pub(super) struct Waiting {
    ticket: u64,
    /// When its call must have ended.
    pub(super) until: Instant,
    pub(super) chat: Chat,
    pub(super) turn: Turn,
    pub(super) bytes: usize,
    /// Calls with the very same turn, key included: what is true of this one is true of them.
    alike: Vec<Self>,
    tell: oneshot::Sender<News>,
}

impl Waiting {
    /// Answers the call, and those that are alike as if they had been sent after it.
    pub(super) fn answer(self, answer: Result<Appended>) {
        for turn in self.alike {
            let again = answer.clone().map(|stored| Appended { replayed: true, ..stored });
            turn.answer(again);
        }
        let _nobody_waits = self.tell.send(News::Answer(answer));
    }

    /// Whether everybody was dropped, or has ended, who waits for the answer.
    pub(super) fn is_given_up(&self) -> bool {
        self.tell.is_closed() && self.alike.iter().all(Self::is_given_up)
    }

    /// Whether both are sends of one turn.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.turn.key().is_some() && self.chat == other.chat && self.turn == other.turn
    }

    pub(super) fn join(&mut self, other: Self) {
        self.alike.push(other);
    }
}

/// A turn that has just arrived.
pub(super) struct Arrival {
    pub(super) until: Instant,
    pub(super) chat: Chat,
    pub(super) turn: Turn,
}

#[derive(Default)]
pub(super) struct Queue {
    /// In the order of their tickets.
    waiting: VecDeque<Waiting>,
    /// Conversations with a statement under way: a second one could overtake the first.
    held: HashSet<Chat>,
    /// How many statements are under way, or about to be sent.
    statements: usize,
    tickets: u64,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Lets a call through that nothing has to wait for.
    pub(super) fn is_free(&self, chat: Chat, most: usize) -> bool {
        self.statements < most
            && !self.held.contains(&chat)
            && !self.waiting.iter().any(|turn| turn.chat == chat)
    }

    pub(super) fn start(&mut self, chat: Chat) {
        self.statements += 1;
        self.held.insert(chat);
    }

    pub(super) fn release(&mut self, chats: &[Chat]) {
        for chat in chats {
            self.held.remove(chat);
        }
    }

    pub(super) const fn end_statement(&mut self) {
        self.statements -= 1;
    }

    /// Puts a call at the end, under a ticket.
    pub(super) fn push(&mut self, arrival: Arrival) -> (u64, oneshot::Receiver<News>) {
        let Arrival { until, chat, turn } = arrival;
        let (tell, news) = oneshot::channel();
        let (ticket, bytes) = (self.tickets, bytes(&turn));
        self.tickets += 1;
        self.waiting.push_back(Waiting {
            ticket,
            until,
            chat,
            turn,
            bytes,
            alike: Vec::new(),
            tell,
        });
        (ticket, news)
    }

    /// Takes a call out; whether it was there still.
    pub(super) fn withdraw(&mut self, ticket: u64) -> bool {
        let at = self.waiting.binary_search_by_key(&ticket, |turn| turn.ticket);
        at.is_ok_and(|at| self.waiting.remove(at).is_some())
    }

    /// Whether there is something to send.
    pub(super) fn has_work(&self) -> bool {
        self.waiting.iter().any(|turn| !self.held.contains(&turn.chat))
    }

    /// Where one statement more may be sent and there is something to send: how to tell the first of
    /// the waiting calls, and where it waits from then on.
    pub(super) fn offer(
        &mut self,
        most: usize,
    ) -> Option<(oneshot::Sender<News>, oneshot::Receiver<News>)> {
        if self.statements >= most {
            return None;
        }
        let first = self.waiting.iter_mut().find(|turn| !self.held.contains(&turn.chat))?;
        self.statements += 1;
        let (tell, news) = oneshot::channel();
        Some((mem::replace(&mut first.tell, tell), news))
    }

    /// The turns for the next statement, whose conversations are held from now on.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Waiting> {
        let mut batch = Batch::default();
        let mut left = VecDeque::with_capacity(self.waiting.capacity());
        // Whose turns stay behind an earlier one of theirs.
        let mut behind = HashSet::new();
        while let Some(turn) = self.waiting.pop_front() {
            if turn.until <= now {
                turn.answer(Err(too_late()));
            } else if let Some(same) = batch.like(&turn) {
                same.join(turn);
            } else if self.held.contains(&turn.chat) || behind.contains(&turn.chat) {
                left.push_back(turn);
            } else if batch.is_full_for(&turn) {
                left.push_back(turn);
                break;
            } else if batch.suits(&turn) {
                batch.push(turn);
            } else {
                behind.insert(turn.chat);
                left.push_back(turn);
            }
        }
        left.append(&mut self.waiting);
        self.waiting = left;
        let turns = batch.into_turns();
        self.held.extend(turns.iter().map(|turn| turn.chat));
        turns
    }
}

fn bytes(turn: &Turn) -> usize {
    let messages = turn.messages().iter();
    messages.map(|message| message.content.len() + message.metadata.as_json().len()).sum()
}

/// What a call ends in that has waited until its deadline.
pub(super) fn too_late() -> Error {
    Error::Busy(Cause::new("the deadline of the call has passed before it was sent"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{key::TurnKey, message::NewMessage};

    /// A queue in which nothing is under way.
    struct Bench {
        queue: Queue,
        now: Instant,
        news: Vec<oneshot::Receiver<News>>,
    }

    impl Bench {
        fn new() -> Self {
            Self { queue: Queue::default(), now: Instant::now(), news: Vec::new() }
        }

        /// A turn of Ann's in a conversation arrives; its ticket.
        fn arrives(&mut self, chat: i64, turn: Turn) -> u64 {
            self.arrives_until(self.now + Duration::from_secs(1), chat, turn)
        }

        fn arrives_until(&mut self, until: Instant, chat: i64, turn: Turn) -> u64 {
            let chat = (UserId::new(1), ConversationId::new(chat));
            let (ticket, news) = self.queue.push(Arrival { until, chat, turn });
            self.news.push(news);
            ticket
        }

        /// The tickets of the next statement, which then ends.
        fn next(&mut self) -> Vec<u64> {
            let turns = self.queue.take(self.now);
            let chats: Vec<_> = turns.iter().map(|turn| turn.chat).collect();
            self.queue.release(&chats);
            turns.iter().map(|turn| turn.ticket).collect()
        }
    }

    fn turn() -> Turn {
        Turn::new([NewMessage::user("text")]).unwrap()
    }

    fn keyed(key: &str) -> Turn {
        turn().with_key(TurnKey::new(key).unwrap())
    }

    /// Another turn under the same key.
    fn another(key: &str) -> Turn {
        Turn::new([NewMessage::user("other")]).unwrap().with_key(TurnKey::new(key).unwrap())
    }

    #[test]
    fn turns_share_a_statement_unless_one_decides_about_the_other() {
        for (first, second, together) in [
            (turn(), turn(), true),
            (turn(), keyed("a"), true),
            (keyed("a"), turn(), true),
            (keyed("a"), keyed("b"), true),
            (keyed("a"), another("a"), false),
            (turn(), turn().with_expected_count(1), false),
            (turn().with_expected_count(1), turn(), false),
        ] {
            let mut bench = Bench::new();
            let tickets = [bench.arrives(1, first.clone()), bench.arrives(1, second.clone())];
            let other = bench.arrives(2, second.clone());

            let sent = bench.next();

            let expected = if together {
                vec![tickets[0], tickets[1], other]
            } else {
                vec![tickets[0], other]
            };
            assert_eq!(sent, expected, "{first:?}, {second:?}");
            assert_eq!(bench.next(), if together { vec![] } else { vec![tickets[1]] });
        }
    }

    #[test]
    fn sends_of_one_turn_share_its_answer() {
        for given_up in [false, true] {
            let mut bench = Bench::new();
            for turn in [keyed("a"), keyed("a"), keyed("a").with_expected_count(0), turn(), turn()]
            {
                bench.arrives(1, turn);
            }
            if given_up {
                drop(bench.news.remove(0));
            }

            let mut turns = bench.queue.take(bench.now);
            let sent: Vec<_> = turns.iter().map(|turn| turn.ticket).collect();
            let first = turns.remove(0);
            assert!(!first.is_given_up(), "the second waits for it");
            first.answer(Ok(Appended::stored(Vec::new())));

            assert_eq!(sent, [0], "the other ones wait behind what expects a count");
            let second = bench.news[usize::from(!given_up)].try_recv();
            assert!(matches!(second, Ok(News::Answer(Ok(Appended { replayed: true, .. })))));
        }
    }

    #[test]
    fn nothing_overtakes_an_earlier_turn_of_its_conversation() {
        let mut bench = Bench::new();
        bench.arrives(1, turn());
        bench.arrives(1, turn().with_expected_count(1));
        bench.arrives(1, turn());
        bench.arrives(2, turn());

        assert_eq!(bench.next(), [0, 3]);
        assert_eq!(bench.next(), [1]);
        assert_eq!(bench.next(), [2]);
        assert_eq!(bench.next(), Vec::<u64>::new());
    }

    #[test]
    fn what_is_held_waits_and_all_else_goes() {
        let mut bench = Bench::new();
        let held = (UserId::new(1), ConversationId::new(1));
        bench.queue.start(held);
        bench.arrives(1, turn());
        assert!(!bench.queue.has_work() && bench.queue.offer(2).is_none());
        bench.arrives(2, turn());

        assert!(bench.queue.has_work() && !bench.queue.is_free(held, 2));
        assert_eq!(bench.next(), [1]);
        bench.queue.release(&[held]);
        assert!(!bench.queue.is_free(held, 2), "one of its turns waits");
        assert!(bench.queue.offer(1).is_none(), "one statement is under way");
        assert_eq!(bench.next(), [0]);
        bench.queue.end_statement();
        assert!(bench.queue.is_free(held, 1));
    }

    #[test]
    fn a_statement_is_bounded_in_turns_messages_and_bytes() {
        let long = || Turn::new([NewMessage::user("x".repeat(3 << 20))]).unwrap();
        let many = || Turn::new(vec![NewMessage::user("x"); 256]).unwrap();
        for (turn, each) in [(turn as fn() -> Turn, 64), (long, 1), (many, 4)] {
            let mut bench = Bench::new();
            for chat in 0..100 {
                bench.arrives(chat, turn());
            }

            assert_eq!(bench.next(), (0..each).collect::<Vec<_>>());
            assert_eq!(bench.next(), (each..2 * each.min(50)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_turn_that_is_larger_than_a_statement_goes_alone() {
        let mut bench = Bench::new();
        bench.arrives(1, Turn::new(vec![NewMessage::user("x".repeat(4 << 20)); 2]).unwrap());
        bench.arrives(2, turn());

        assert_eq!((bench.next(), bench.next()), (vec![0], vec![1]));
    }

    #[test]
    fn what_comes_too_late_is_busy_and_what_was_withdrawn_is_gone() {
        let mut bench = Bench::new();
        let late = bench.arrives_until(bench.now, 1, turn());
        let withdrawn = bench.arrives(1, turn());
        let sent = bench.arrives(1, turn());

        assert!(bench.queue.withdraw(withdrawn) && !bench.queue.withdraw(withdrawn));
        assert_eq!((bench.next(), bench.queue.len()), (vec![sent], 0));
        let news = bench.news[late as usize].try_recv();
        assert!(matches!(news, Ok(News::Answer(Err(Error::Busy(_))))));
        assert!(!bench.queue.withdraw(late) && !bench.queue.withdraw(sent));
    }
}
