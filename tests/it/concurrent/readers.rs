//! Those who read while others write: followers of the end, walkers of pages in both directions, and
//! listers.

use std::sync::Arc;

use scrollback::{ConversationQuery, Limit, Message, MessageQuery, Page};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    clock::{Clock, Hand},
    history::{Count, From, History, Read, run},
    load::{Load, Store},
};

/// Small, so that pages are cut in the middle of turns.
const PAGE: u32 = 25;

/// Two followers and two walkers in each direction, and one who lists.
pub(super) fn start(
    store: &Store,
    load: &Arc<Load>,
    pace: &Arc<Semaphore>,
    clock: &Clock,
) -> JoinSet<History> {
    let mut readers = JoinSet::new();
    for chat in [0, load.chats.len() - 1] {
        for kind in [Kind::Follow, Kind::Forwards, Kind::Backwards] {
            let reader = Reader::new(store, load, chat, clock);
            readers.spawn(reader.read_all(kind, Arc::clone(pace)));
        }
    }
    let reader = Reader::new(store, load, 0, clock);
    readers.spawn(reader.list_all(Arc::clone(pace)));
    readers
}

#[derive(Clone, Copy)]
enum Kind {
    Follow,
    Forwards,
    Backwards,
}

struct Reader {
    store: Store,
    load: Arc<Load>,
    chat: usize,
    hand: Hand,
    history: History,
}

impl Reader {
    fn new(store: &Store, load: &Arc<Load>, chat: usize, clock: &Clock) -> Self {
        let (store, load, hand) = (Arc::clone(store), Arc::clone(load), clock.hand());
        Self { store, load, chat, hand, history: History::default() }
    }

    /// Reads page after page until the writers have ended, and a follower to the end.
    async fn read_all(mut self, kind: Kind, pace: Arc<Semaphore>) -> History {
        let limit = Limit::new(PAGE).unwrap();
        let start = match kind {
            Kind::Follow | Kind::Forwards => (From::After(0), MessageQuery::first(limit)),
            Kind::Backwards => (From::Last, MessageQuery::last(limit)),
        };
        let mut next = start;
        loop {
            let ended = take(&pace).await;
            let page = self.read(next.0, next.1).await;
            let ends = page.items.first().zip(page.items.last());
            let ends = ends.map(|(first, last)| (first.position, last.position));
            if ended && (ends.is_none() || !matches!(kind, Kind::Follow)) {
                return self.history;
            }
            next = match (kind, ends, page.previous, page.next) {
                (Kind::Follow, Some((_, last)), ..) => {
                    (From::After(last.get()), MessageQuery::after(last, limit))
                }
                (Kind::Follow, None, ..) => next,
                (Kind::Forwards, Some((_, last)), _, Some(cursor)) => {
                    (From::After(last.get()), MessageQuery::at(cursor, limit))
                }
                (Kind::Backwards, Some((first, _)), Some(cursor), _) => {
                    (From::Before(first.get()), MessageQuery::at(cursor, limit))
                }
                _ => start,
            };
        }
    }

    async fn read(&mut self, from: From, query: MessageQuery) -> Page<Message> {
        let (owner, chat) = (self.load.owner(), self.load.chat(self.chat));
        let invoked = self.hand.now();
        let page = self.store.messages(owner, chat, query).await.unwrap();
        let returned = self.hand.now();
        let content = run(&page.items);
        let read = Read { chat: self.chat, invoked, returned, from, limit: PAGE, page: content };
        self.history.reads.push(read);
        page
    }

    /// Lists all conversations, and looks at each by itself too.
    async fn list_all(mut self, pace: Arc<Semaphore>) -> History {
        let owner = self.load.owner();
        while !take(&pace).await {
            let invoked = self.hand.now();
            let query = ConversationQuery::new(Limit::MAX);
            let page = self.store.list(owner, query).await.unwrap();
            let returned = self.hand.now();
            assert_eq!(page.items.len(), self.load.chats.len(), "one page shows all of them");
            assert!(page.items.is_sorted_by_key(|chat| std::cmp::Reverse(chat.updated_at)));
            for listed in page.items {
                let chat = self.load.chats.iter().position(|id| *id == listed.id.get()).unwrap();
                let count = Count { chat, invoked, returned, count: listed.message_count };
                self.history.counts.push(count);
            }
            let invoked = self.hand.now();
            let count = self.store.get(owner, self.load.chat(0)).await.unwrap().message_count;
            let returned = self.hand.now();
            self.history.counts.push(Count { chat: 0, invoked, returned, count });
        }
        self.history
    }
}

/// Waits for the writers to go on; whether they have ended.
async fn take(pace: &Semaphore) -> bool {
    pace.acquire().await.map(tokio::sync::SemaphorePermit::forget).is_err()
}
