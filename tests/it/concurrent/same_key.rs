//! A storm of retries: one turn sent by everybody at once.

use std::sync::Arc;

use futures_util::future::join_all;
use scrollback::{
    Appended, Conflict, ConversationId, Error, Message, NewMessage, Turn, TurnKey, UserId,
};

use super::{Store, create, from_env, load::memory, note, on_postgres, on_sqlite};

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
async fn a_storm_of_retries_on_sqlite_stores_one_turn() {
    let (place, _folder) = on_sqlite().await;

    storm("sqlite", &place.open(1).await, place.owner(), 10).await;
}

/// All tasks send the same turn for each of the keys; for every second key, half of them another.
async fn storm(name: &str, store: &Store, owner: UserId, keys: usize) {
    let chat = ConversationId::new(create(store, owner, 1).await[0]);
    let mut refused = 0;
    for key in 0..keys {
        let answers = race(store, owner, chat, key).await;
        refused += one_won(&answers);
        let late = store.append(owner, chat, turn(key, "of nobody")).await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::KeyReused))), "{late:?}");
    }
    let stored = store.get(owner, chat).await.unwrap().message_count;
    assert_eq!(stored as usize, keys * 2, "two messages for each key");
    note(&format!("{name}: {keys} keys, {TASKS} tasks each: one turn each, {refused} refused"));
}

async fn race(
    store: &Store,
    owner: UserId,
    chat: ConversationId,
    key: usize,
) -> Vec<Result<Appended, Error>> {
    let tasks = (0..TASKS).map(|task| {
        let store = Arc::clone(store);
        let sender = if key % 2 == 1 && task % 2 == 1 { "of the other" } else { "of the one" };
        tokio::spawn(async move { store.append(owner, chat, turn(key, sender)).await })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

fn turn(key: usize, sender: &str) -> Turn {
    let turn = Turn::new([NewMessage::user(sender), NewMessage::assistant("answer")]).unwrap();
    turn.with_key(TurnKey::new(format!("key {key}")).unwrap())
}

/// Exactly one call stored the turn, whoever sent the same has its messages, and everybody else was
/// refused; how many those were.
fn one_won(answers: &[Result<Appended, Error>]) -> usize {
    let stored = answers.iter().flatten().filter(|answer| !answer.replayed);
    let stored: Vec<&Vec<Message>> = stored.map(|answer| &answer.messages).collect();
    assert_eq!(stored.len(), 1, "one call stores the turn");
    let mut refused = 0;
    for answer in answers {
        match answer {
            Ok(answer) => assert_eq!(&answer.messages, stored[0]),
            Err(Error::Conflict(Conflict::KeyReused)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused == 0 || refused == TASKS / 2, "{refused} were refused");
    refused
}
