//! What is done between two steps of the clock.

use std::{
    cmp::Reverse,
    hash::{BuildHasher, RandomState},
};

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, ConversationUpdate, Limit,
    NewConversation, NewMessage, Turn, UserId,
};
use serde::{Deserialize, Serialize};

use super::{HOUR, order::Watch};
use crate::support::Random;

const CHATS: usize = 3;

/// Calls between two steps.
const CALLS: u64 = 8;

/// What came of it.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Found {
    pub(super) steps: u64,
    /// Steps after which the clock of the store showed less than before.
    pub(super) backwards: u64,
    pub(super) turns: u64,
    pub(super) pages: u64,
    pub(super) wrong: Vec<String>,
    pub(super) seed: u64,
}

/// A store whose clock is set again and again.
pub(super) struct Stepped<'a> {
    store: &'a dyn ConversationStore,
    owner: UserId,
    chats: Vec<ConversationId>,
    random: Random,
    watch: Watch,
    /// What the clock showed after the last step.
    shown: i64,
    found: Found,
}

impl<'a> Stepped<'a> {
    pub(super) async fn new(store: &'a dyn ConversationStore, owner: UserId) -> Self {
        let seed = RandomState::new().hash_one(0);
        let found = Found { seed, ..Found::default() };
        let (random, watch) = (Random::new(seed), Watch::default());
        let mut stepped =
            Self { store, owner, chats: Vec::new(), random, watch, shown: i64::MIN, found };
        for _ in 0..CHATS {
            stepped.create().await;
        }
        stepped
    }

    /// How wrong the clock should be next, in seconds.
    pub(super) fn choose_offset(&mut self) -> i64 {
        self.random.below(2 * HOUR as u64 + 1) as i64 - HOUR
    }

    pub(super) fn chat(&self, number: usize) -> ConversationId {
        self.chats[number]
    }

    /// Uses the store after a step, and looks at everything; the clock now shows `now` seconds.
    pub(super) async fn go_on(&mut self, now: i64) {
        self.found.steps += 1;
        self.found.backwards += u64::from(now < self.shown);
        self.shown = now;
        for _ in 0..CALLS {
            let chat = self.chats[self.random.below(self.chats.len() as u64) as usize];
            match self.random.below(8) {
                0..2 => self.rename(chat).await,
                _ => self.append(chat).await,
            }
            self.watch.look(self.store, self.owner, chat).await;
        }
        if self.found.steps.is_multiple_of(8) {
            self.create().await;
        }
        self.list().await;
    }

    /// Looks at everything once more.
    pub(super) async fn end(mut self) -> Found {
        for chat in &self.chats {
            self.watch.look(self.store, self.owner, *chat).await;
        }
        self.found.wrong.extend(self.watch.take());
        self.found
    }

    async fn create(&mut self) {
        let chat = self.store.create(self.owner, NewConversation::new()).await.unwrap();
        self.chats.push(chat.id);
        self.watch.look(self.store, self.owner, chat.id).await;
    }

    /// Gives it a title that it never had.
    async fn rename(&mut self, chat: ConversationId) {
        let title = format!("{:x}", self.random.below(u64::MAX));
        let seen = self.store.get(self.owner, chat).await.unwrap().version();
        let update = ConversationUpdate::new().with_title(title).unwrap();
        let update = update.with_expected_version(seen);
        self.store.update(self.owner, chat, update).await.unwrap();
    }

    async fn append(&mut self, chat: ConversationId) {
        let number = self.found.turns;
        let messages =
            (0..=self.random.below(3)).map(|n| NewMessage::user(format!("{number}.{n}")));
        self.store.append(self.owner, chat, Turn::new(messages).unwrap()).await.unwrap();
        self.found.turns += 1;
    }

    /// Pages through the listing, which is sorted by what it says.
    async fn list(&mut self) {
        let mut listed = Vec::new();
        let mut query = ConversationQuery::new(Limit::new(2).unwrap());
        loop {
            let page = self.store.list(self.owner, query).await.unwrap();
            self.found.pages += 1;
            listed.extend(page.items.iter().map(|chat| Reverse((chat.updated_at, chat.id))));
            let Some(next) = page.next else { break };
            query = query.at(next);
        }
        let mut ids: Vec<_> = listed.iter().map(|Reverse((_, id))| *id).collect();
        ids.sort();
        if !listed.is_sorted() || ids != self.chats {
            self.found.wrong.push(format!("a listing has {listed:?}"));
        }
    }
}
