//! A storm of retries: one turn sent by everybody at once.

use std::{sync::Arc, time::Instant};

use futures_util::future::join_all;
use scrollback::{
    Appended, Conflict, ConversationId, Error, Message, NewMessage, Turn, TurnKey, UserId,
};
use scrollback_proof::{F12, Trial, control};

use super::{
    Store, create,
    defects::{Broken, Defect},
    from_env,
    load::memory,
    on_postgres, on_sqlite,
    place::execute,
};

const TASKS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_retries_in_memory_stores_one_turn() {
    storm("memory", &memory(), UserId::new(1), 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_retries_on_postgres_stores_one_turn() {
    let keys = from_env("SCROLLBACK_HISTORY_KEYS").unwrap_or(30);
    let (place, _schema) = on_postgres().await;

    storm("postgres", &place.open(8).await, place.owner(), keys).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_retries_on_a_store_that_groups_stores_one_turn() {
    let (place, _schema) = on_postgres().await;
    let place = place.grouping();

    storm("postgres, grouped", &place.open(8).await, place.owner(), 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_retries_on_sqlite_stores_one_turn() {
    let (place, _folder) = on_sqlite().await;

    storm("sqlite", &place.open(1).await, place.owner(), 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_looks_the_key_up_first_is_found() {
    let caught = is_found(&Broken::store(Defect::LooksKeysUpFirst), UserId::new(1)).await;

    control(F12, "a store that looks a key up, and appends afterwards", caught, 1);
    assert!(caught);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_unique_index_is_found() {
    let (place, schema) = on_postgres().await;
    execute(&place, &format!("DROP INDEX {}.messages_turn_key", schema.name())).await;

    let store: Store = Arc::new(place.sql_store_of(8).await);
    let caught = is_found(&store, place.owner()).await;

    control(F12, "the unique index over keys, dropped", caught, 1);
    assert!(caught);
}

/// Whether a storm doubles a turn; a race may end well a few times.
async fn is_found(store: &Store, owner: UserId) -> bool {
    for _ in 0..20 {
        if race_all(store, owner, 10).await.doubled > 0 {
            return true;
        }
    }
    false
}

async fn storm(name: &str, store: &Store, owner: UserId, keys: usize) {
    let tally = race_all(store, owner, keys).await;

    let Tally { doubled, nobody, empty, differing, wrongly, failed, refused, mut waits } = tally;
    waits.sort_unstable();
    Trial::of(F12, format!("keys, each raced for by {TASKS} tasks, {name}"))
        .times(keys)
        .wrong("stored twice", doubled)
        .wrong("stored by nobody", nobody)
        .wrong("empty answers", empty)
        .wrong("differing answers", differing)
        .wrong("another payload accepted, or the same refused", wrongly)
        .wrong("other errors", failed)
        .figure("calls", waits.len())
        .figure("other payloads refused as `Conflict`", refused)
        .figure("p99 of a call, ms", waits[waits.len() * 99 / 100] / 1_000)
        .record();
    assert_eq!((doubled, nobody, empty, differing, wrongly, failed), (0, 0, 0, 0, 0, 0));
    assert!(refused > 0, "no other payload was sent");
}

/// What came of a storm; all but `refused` and `waits` is wrong.
#[derive(Debug, Default)]
struct Tally {
    doubled: usize,
    nobody: usize,
    empty: usize,
    differing: usize,
    wrongly: usize,
    failed: usize,
    refused: usize,
    /// How long each call took, in microseconds.
    waits: Vec<u128>,
}

/// All tasks send the same turn for each of the keys; for every second key, half of them another.
async fn race_all(store: &Store, owner: UserId, keys: usize) -> Tally {
    let chat = ConversationId::new(create(store, owner, 1).await[0]);
    let mut tally = Tally::default();
    for key in 0..keys {
        let answers = race(store, owner, chat, key).await;
        tally.add(key, &answers);
        let late = store.append(owner, chat, turn(key, "of nobody")).await;
        let conflict = matches!(late, Err(Error::Conflict(Conflict::KeyReused)));
        tally.wrongly += usize::from(!conflict);
        tally.refused += usize::from(conflict);
    }
    let stored = store.get(owner, chat).await.unwrap().message_count as usize;
    tally.doubled = tally.doubled.max(stored.saturating_sub(keys * 2));
    tally
}

type Answer = (Result<Appended, Error>, u128);

async fn race(store: &Store, owner: UserId, chat: ConversationId, key: usize) -> Vec<Answer> {
    let tasks = (0..TASKS).map(|task| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let started = Instant::now();
            let answer = store.append(owner, chat, turn(key, sender(key, task))).await;
            (answer, started.elapsed().as_micros())
        })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

const fn sender(key: usize, task: usize) -> &'static str {
    if key % 2 == 1 && task % 2 == 1 { "of the other" } else { "of the one" }
}

fn turn(key: usize, sender: &str) -> Turn {
    let turn = Turn::new([NewMessage::user(sender), NewMessage::assistant("answer")]).unwrap();
    turn.with_key(TurnKey::new(format!("key {key}")).unwrap())
}

impl Tally {
    /// Exactly one call stores the turn, whoever sent the same has its messages, and everybody else
    /// is refused.
    fn add(&mut self, key: usize, answers: &[Answer]) {
        self.waits.extend(answers.iter().map(|(_, wait)| wait));
        let answered = answers.iter().enumerate();
        let stored: Vec<_> = answered
            .filter_map(|(task, (answer, _))| Some((task, answer.as_ref().ok()?)))
            .filter(|(_, answer)| !answer.replayed)
            .collect();
        self.doubled += stored.len().saturating_sub(1);
        let Some((winner, first)) = stored.first() else {
            self.nobody += 1;
            return;
        };
        for (task, (answer, _)) in answers.iter().enumerate() {
            let same = sender(key, task) == sender(key, *winner);
            self.one(answer, &first.messages, same);
        }
    }

    fn one(&mut self, answer: &Result<Appended, Error>, stored: &[Message], same: bool) {
        match answer {
            Ok(answer) if answer.messages.is_empty() => self.empty += 1,
            Ok(_) if !same => self.wrongly += 1,
            Ok(answer) => self.differing += usize::from(answer.messages != stored),
            Err(Error::Conflict(Conflict::KeyReused)) if same => self.wrongly += 1,
            Err(Error::Conflict(Conflict::KeyReused)) => self.refused += 1,
            Err(_) => self.failed += 1,
        }
    }
}
