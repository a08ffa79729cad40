//! One who reads while the server goes and comes.

use std::sync::{Arc, atomic::Ordering};

use scrollback::{ConversationId, Error, Limit, MessageQuery, UserId};
use tokio::time::timeout;

use super::{
    bench::{PATIENCE, Signals},
    told::Told,
};
use crate::{
    concurrent::{From, Hand, Read, Store, run},
    support::Random,
};

const PAGE: u32 = 25;

/// A reader whom a busy machine has starved goes on until so many pages were read.
const FEWEST: usize = 100;

pub(super) struct Reader {
    pub(super) store: Store,
    pub(super) owner: UserId,
    pub(super) chats: Vec<i64>,
    pub(super) random: Random,
    pub(super) hand: Hand,
    pub(super) told: Told,
}

impl Reader {
    /// Reads the ends of conversations until told to end.
    pub(super) async fn read(mut self, signals: Arc<Signals>) -> Told {
        let query = MessageQuery::last(Limit::new(PAGE).unwrap());
        while !signals.ending.load(Ordering::Relaxed) || self.is_starved() {
            let chat = self.random.below(self.chats.len() as u64) as usize;
            let invoked = self.hand.now();
            let call =
                self.store.messages(self.owner, ConversationId::new(self.chats[chat]), query);
            match timeout(PATIENCE, call).await {
                Ok(Ok(page)) => {
                    let (returned, page) = (self.hand.now(), run(&page.items));
                    let from = From::Last;
                    let read = Read { chat, invoked, returned, from, limit: PAGE, page };
                    self.told.history.reads.push(read);
                }
                Ok(Err(error)) => {
                    self.told.note("read", &error, matches!(error, Error::Busy(_)));
                }
                Err(_) => self.told.hung += 1,
            }
        }
        self.told
    }
    fn is_starved(&self) -> bool {
        self.told.history.reads.len() < FEWEST && self.told.hung == 0
    }
}
