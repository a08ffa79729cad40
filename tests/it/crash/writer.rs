//! The process that appends until it is killed.

use std::{
    env,
    io::{Write, stdout},
    path::PathBuf,
};

use scrollback::{ConversationId, Turn, UserId};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{
    concurrent::{Answer, Append, Clock, Hand, Place, Store},
    support::Random,
};

/// Names the assignment; without it this process is no writer.
pub(super) const ASSIGNMENT: &str = "SCROLLBACK_TEST_WRITER";

#[derive(Serialize, Deserialize)]
pub(super) struct Assignment {
    pub(super) place: Place,
    pub(super) chats: Vec<i64>,
    pub(super) clock: PathBuf,
    pub(super) tasks: u64,
    pub(super) seed: u64,
    pub(super) habit: Habit,
}

/// How it writes; all but the first are defects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Habit {
    Right,
    /// Acknowledges at once and stores later, like a cache that is flushed in the background.
    /// Knows the positions, so give it one task and one conversation.
    Behind,
    /// Stores each message of a turn by itself.
    Piecemeal,
}

/// One line of its output; where a line has only been begun, nobody was told anything.
#[derive(Serialize, Deserialize)]
pub(super) enum Line {
    Sent(Append),
    /// A part of it is stored, by who stores in parts.
    Begun(Append),
    Acknowledged(Append),
}

impl Line {
    fn print(self) {
        // One write for a line: standard output flushes at its end.
        let line = serde_json::to_string(&self).unwrap();
        stdout().lock().write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_writes_when_assigned() {
    let Ok(assignment) = env::var(ASSIGNMENT) else { return };
    let assignment: Assignment = serde_json::from_str(&assignment).unwrap();
    // The test harness does not end its own line.
    writeln!(stdout()).unwrap();
    let store = assignment.place.open(4).await;
    let clock = Clock::at(&assignment.clock);

    let mut writers = JoinSet::new();
    for task in 0..assignment.tasks {
        let writer = Writer {
            store: Store::clone(&store),
            owner: assignment.place.owner(),
            chats: assignment.chats.clone(),
            random: Random::new(assignment.seed.wrapping_add(task)),
            hand: clock.hand(),
            waiting: Vec::new(),
            acknowledged: 0,
        };
        writers.spawn(writer.write(task, assignment.habit));
    }
    writers.join_all().await;
}

struct Writer {
    store: Store,
    owner: UserId,
    chats: Vec<i64>,
    random: Random,
    hand: Hand,
    /// Acknowledged and not stored yet.
    waiting: Vec<Append>,
    /// How many messages, all to the same conversation.
    acknowledged: u32,
}

impl Writer {
    /// Until the process is killed, or nobody reads its output.
    async fn write(mut self, task: u64, habit: Habit) {
        for number in 0.. {
            let append = Append {
                chat: self.random.below(self.chats.len() as u64) as usize,
                turn: (task << 32) + number,
                size: 1 + self.random.below(4) as u32,
                invoked: self.hand.now(),
                answer: None,
            };
            Line::Sent(append).print();
            let answer = match habit {
                Habit::Right => self.append(append, append.to_turn()).await,
                Habit::Behind => self.append_later(append).await,
                Habit::Piecemeal => self.append_pieces(append).await,
            };
            Line::Acknowledged(Append { answer: Some(answer), ..append }).print();
        }
    }

    async fn append(&mut self, append: Append, turn: Turn) -> Answer {
        let chat = ConversationId::new(self.chats[append.chat]);
        let answer = self.store.append(self.owner, chat, turn).await.unwrap();
        append.answered(&answer.messages, self.hand.now())
    }

    async fn append_later(&mut self, append: Append) -> Answer {
        const DELAYED: usize = 4;
        self.waiting.push(append);
        if self.waiting.len() > DELAYED {
            let oldest = self.waiting.remove(0);
            self.append(oldest, oldest.to_turn()).await;
        }
        let first = self.acknowledged + 1;
        self.acknowledged += append.size;
        Answer { returned: self.hand.now(), first }
    }

    async fn append_pieces(&mut self, append: Append) -> Answer {
        let mut first = 0;
        for (index, message) in append.to_turn().messages().iter().enumerate() {
            let chat = ConversationId::new(self.chats[append.chat]);
            let piece = Turn::new([message.clone()]).unwrap();
            let answer = self.store.append(self.owner, chat, piece).await.unwrap();
            if index == 0 {
                first = answer.messages[0].position.get();
                Line::Begun(append).print();
            }
        }
        Answer { returned: self.hand.now(), first }
    }
}
