//! Which conversations there are, and how long each one is.

use fastrand::Rng;

use crate::op::Work;

/// A conversation as it is before anything is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) owner: i64,
    pub(crate) messages: u32,
    /// The id of its first message; the others follow.
    pub(crate) first: i64,
    /// Whether every page of 50 holds the same texts, so that only the place of the page differs.
    pub(crate) even: bool,
}

impl Chat {
    /// Which text of its role stands at a position; `seed::postgres` has the same in SQL.
    pub(crate) fn body(&self, position: u32, texts: usize) -> usize {
        let (id, position) = (self.id as u64, u64::from(position));
        if self.even {
            (u64::from(self.messages) - position) as usize % 50
        } else {
            (id * 7_919 + position * 104_729) as usize % texts
        }
    }

    /// The id of the message at a position.
    pub(crate) fn message(&self, position: u32) -> i64 {
        self.first + i64::from(position) - 1
    }
}

/// When a seeded message was stored, in microseconds since 1970: from 2025 on, one each millisecond.
pub(crate) const fn stored_at(message: i64) -> i64 {
    1_735_689_600_000_000 + message * 1_000
}

/// All conversations, in the order of their ids, which start at 1 without a gap. So do messages.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) chats: Vec<Chat>,
    messages: u64,
}

/// How many conversations `list` is about.
const LISTED: usize = 1_000;

/// How many conversations are read, and how many are written to.
const PROBES: usize = 1_000;

/// What was measured before says how many conversations of an owner are typical.
const CHATS_OF_OWNER: usize = 20;

impl Plan {
    /// `messages` in all: many short conversations, few long ones, one of up to 100,000.
    pub(crate) fn new(messages: u64, seed: u64) -> (Self, Work) {
        let mut random = Rng::with_seed(seed);
        let mut plan = Self::default();
        for _ in 0..LISTED {
            plan.add(1, random.u32(2..=40), false);
        }
        let long = plan.add(2, (messages / 4).min(100_000) as u32, false);
        let walk = plan.add(3, 10_000, false);
        let hot = plan.add(4, 100, false);
        let others = plan.chats.len();
        plan.fill(5, messages, &mut random);
        let (readers, writers) = probes(&plan.chats[others..]);
        (plan, Work { readers, writers, long, walk, hot, lister: 1 })
    }

    /// Adds conversations until there are so many messages.
    pub(crate) fn fill(&mut self, mut owner: i64, messages: u64, random: &mut Rng) {
        while self.messages < messages {
            // Pareto's distribution: half of all conversations have three messages or fewer.
            let length = (2.0 / (1.0 - random.f64()).powf(1.0 / 1.1)).min(5_000.0);
            self.add(owner, length as u32, false);
            owner += i64::from(self.chats.len().is_multiple_of(CHATS_OF_OWNER));
        }
    }

    /// Adds one.
    pub(crate) fn add(&mut self, owner: i64, messages: u32, even: bool) -> Chat {
        let id = self.chats.len() as i64 + 1;
        let chat = Chat { id, owner, messages, first: self.messages as i64 + 1, even };
        self.messages += u64::from(messages);
        self.chats.push(chat);
        chat
    }
}

/// Every second conversation of 64 messages or more is to be read, the others are written to.
fn probes(chats: &[Chat]) -> (Vec<Chat>, Vec<Chat>) {
    let long_enough = chats.iter().copied().filter(|chat| chat.messages >= 64);
    let (readers, writers): (Vec<_>, Vec<_>) =
        long_enough.take(2 * PROBES).enumerate().partition(|(i, _)| i.is_multiple_of(2));
    let chats = |numbered: Vec<(usize, Chat)>| numbered.into_iter().map(|(_, chat)| chat).collect();
    (chats(readers), chats(writers))
}
