//! The application is killed while it appends.

use std::{
    hash::{BuildHasher, RandomState},
    path::PathBuf,
};

use scrollback::ConversationId;
use scrollback_proof::{F1, Trial, control};
use tempfile::TempDir;
use tokio::task::block_in_place;

use super::{
    victim::run_until_killed,
    writer::{Assignment, Habit},
};
use crate::{
    concurrent::{
        Append, Clock, Fault, History, Place, Store, check, create, from_env, lists, on_postgres,
        on_sqlite,
    },
    support::Random,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_killed_application_on_postgres() {
    let (place, _schema) = on_postgres().await;

    kill_again_and_again("postgres", place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_killed_application_on_sqlite() {
    let (place, _folder) = on_sqlite().await;

    kill_again_and_again("sqlite", place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledging_before_storing_is_found() {
    let (place, _schema) = on_postgres().await;
    let mut murder = Murder::new(place, 7).await;

    let (_, faults) = murder.of(Habit::Behind).await;

    let caught = faults.contains(&Fault::Lost);
    control(F1, "an application that acknowledges before it stores", caught, 1);
    assert!(caught, "{faults:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storing_message_by_message_is_found() {
    let (place, _schema) = on_postgres().await;
    let mut murder = Murder::new(place, 7).await;

    // Every other death hits the middle of a turn.
    for _ in 0..50 {
        let (_, faults) = murder.of(Habit::Piecemeal).await;
        if faults.contains(&Fault::Torn) {
            return control(F1, "an application that stores a turn message by message", true, 1);
        }
    }
    panic!("no turn was torn in 50 deaths");
}

async fn kill_again_and_again(name: &str, place: Place) {
    let cycles = from_env("SCROLLBACK_CRASH_CYCLES").unwrap_or(10);
    let seed = RandomState::new().hash_one(0);
    let mut murder = Murder::new(place, seed).await;
    let (mut total, mut faults) = (Figures::default(), Vec::new());
    for _ in 0..cycles {
        let (figures, found) = murder.of(Habit::Right).await;
        faults.extend(found);
        total.add(&figures);
    }

    let count = |fault| faults.iter().filter(|found| **found == fault).count();
    Trial::of(F1, format!("applications killed while they append, {name}"))
        .times(cycles)
        .wrong("acknowledged turns lost", count(Fault::Lost))
        .wrong("torn", count(Fault::Torn))
        .wrong("doubled", count(Fault::Doubled))
        .wrong("other faults", faults.len())
        .figure("turns acknowledged", total.acknowledged)
        .figure("in doubt", total.unknown)
        .figure("of these stored", total.stored)
        .seed(seed)
        .record();
    assert!(faults.is_empty(), "seed {seed}: {faults:?}");
    assert!(total.unknown > 0, "no death came between sending and the acknowledgement");
}

/// What the deaths left behind.
#[derive(Default)]
struct Figures {
    acknowledged: usize,
    /// Sent and not acknowledged.
    unknown: usize,
    /// Those that turned out to be stored.
    stored: usize,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.unknown += other.unknown;
        self.stored += other.stored;
    }
}

struct Murder {
    place: Place,
    /// The survivor's, open all the time.
    store: Store,
    random: Random,
    folder: TempDir,
}

/// The survivor's own turns; writers count theirs from 0.
const SURVIVOR: u64 = 1 << 40;

impl Murder {
    async fn new(place: Place, seed: u64) -> Self {
        let store = place.open(2).await;
        Self { place, store, random: Random::new(seed), folder: tempfile::tempdir().unwrap() }
    }

    /// Kills one writer, on conversations of its own, and looks at what it left: as it is, and when
    /// everything in doubt was sent again.
    async fn of(&mut self, habit: Habit) -> (Figures, Vec<Fault>) {
        let (tasks, chats) = if habit == Habit::Right { (4, 3) } else { (1, 1) };
        let chats = create(&self.store, self.place.owner(), chats).await;
        let assignment = Assignment {
            place: self.place.clone(),
            chats: chats.clone(),
            clock: self.clock(),
            tasks,
            seed: self.random.below(1 << 60),
            habit,
        };
        let acknowledged = 5 + self.random.below(60);

        let appends = block_in_place(|| run_until_killed(&assignment, acknowledged));

        let mut history = History { appends, ..History::default() };
        let mut faults = self.faults(&history, &chats).await;
        if habit == Habit::Right {
            self.append_at_once(&mut history, &chats).await;
        }
        let figures = self.send_again(&mut history, &chats).await;
        faults.extend(self.faults(&history, &chats).await);
        (figures, faults)
    }

    fn clock(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    async fn faults(&self, history: &History, chats: &[i64]) -> Vec<Fault> {
        let lists = lists(&self.store, self.place.owner(), chats).await;
        check(history, &lists).into_iter().map(|(fault, _)| fault).collect()
    }

    /// No lock of the dead is in the way.
    async fn append_at_once(&self, history: &mut History, chats: &[i64]) {
        let mut hand = Clock::at(&self.clock()).hand();
        for (chat, id) in chats.iter().enumerate() {
            let turn = SURVIVOR + chat as u64;
            let append = Append { chat, turn, size: 1, invoked: hand.now(), answer: None };
            let id = ConversationId::new(*id);
            let answer = self.store.append(self.place.owner(), id, append.to_turn()).await.unwrap();
            let answer = append.answered(&answer.messages, hand.now());
            history.appends.push(Append { answer: Some(answer), ..append });
        }
    }

    /// Sends everything in doubt with the key that it had.
    async fn send_again(&self, history: &mut History, chats: &[i64]) -> Figures {
        let mut hand = Clock::at(&self.clock()).hand();
        let mut figures = Figures::default();
        for append in &mut history.appends {
            if append.answer.is_some() {
                figures.acknowledged += 1;
                continue;
            }
            let id = ConversationId::new(chats[append.chat]);
            let answer = self.store.append(self.place.owner(), id, append.to_turn()).await.unwrap();
            append.answer = Some(append.answered(&answer.messages, hand.now()));
            figures.unknown += 1;
            figures.stored += usize::from(answer.replayed);
        }
        figures
    }
}
