//! Small histories of everything that one conversation can be asked, compared with all orders in
//! which the calls may have taken effect.

mod search;
mod spec;

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
};

use scrollback::{
    Conflict, ConversationId, Error, Limit, MessageQuery, NewMessage, Turn, TurnKey, UserId,
};
use scrollback_proof::{F14, I5, I6, I7, Trial, control};

use tokio::task::yield_now;

use self::{
    search::{Op, is_linearizable},
    spec::{Answer, Call},
};
use super::{
    Clock, Hand, Store, create,
    defects::{Broken, Defect},
    from_env, history, load, on_postgres, on_sqlite,
};
use crate::support::Random;

const TASKS: u64 = 3;
const CALLS: u64 = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_histories_in_memory_are_linearizable() {
    explain_all("memory", &load::memory(), UserId::new(1), 300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_histories_on_postgres_are_linearizable() {
    let histories = from_env("SCROLLBACK_HISTORY_SMALL").unwrap_or(100);
    let (place, _schema) = on_postgres().await;

    explain_all("postgres", &place.open(4).await, place.owner(), histories).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_histories_on_sqlite_are_linearizable() {
    let (place, _folder) = on_sqlite().await;

    explain_all("sqlite", &place.open(4).await, place.owner(), 30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seeded_defects_are_not_linearizable() {
    let mut missed = Vec::new();
    for (defect, row, text) in [
        (Defect::StoresMessageByMessage, I6, "turns stored message by message"),
        (Defect::ShowsItsCache, I5, "counts as they were when last looked at"),
        (Defect::ChecksBeforeItActs, F14, "expected counts looked at before the append"),
        (Defect::LooksKeysUpFirst, I7, "keys looked up before the append"),
    ] {
        let found = unexplained(&Broken::store(defect), UserId::new(1), 1_000, 7).await;

        control(row, text, found.is_some(), 1);
        missed.extend(found.is_none().then_some(defect));
    }
    assert_eq!(missed, []);
}

#[test]
fn a_search_knows_which_orders_are_possible() {
    let append = |invoked, returned, value, first| Op {
        invoked,
        returned,
        call: Call::Append { messages: vec![value], key: None, expected: None },
        answer: Answer::Stored { first, replayed: false },
    };
    let count = |invoked, returned, count| Op {
        invoked,
        returned,
        call: Call::Count,
        answer: Answer::Count(count),
    };

    // Overlapping appends may take effect either way round, one after the other may not.
    assert!(is_linearizable(&[vec![append(1, 4, 7, 2)], vec![append(2, 3, 8, 1)]]));
    assert!(!is_linearizable(&[vec![append(1, 2, 7, 2)], vec![append(3, 4, 8, 1)]]));
    // A count may miss what it overlaps, and nothing that came before.
    assert!(is_linearizable(&[vec![append(1, 4, 7, 1)], vec![count(2, 3, 0), count(5, 6, 1)]]));
    assert!(!is_linearizable(&[vec![append(1, 2, 7, 1)], vec![count(3, 4, 0)]]));
    // What one reader has seen, the next sees too.
    assert!(!is_linearizable(&[vec![append(1, 9, 7, 1)], vec![count(2, 3, 1), count(4, 5, 0)]]));
}

async fn explain_all(name: &str, store: &Store, owner: UserId, histories: u64) {
    let seed =
        from_env("SCROLLBACK_HISTORY_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));

    let unexplained = unexplained(store, owner, histories, seed).await;

    for row in [F14, I5, I6, I7] {
        Trial::of(row, format!("small histories of {TASKS} tasks with {CALLS} calls, {name}"))
            .times(histories)
            .wrong("explained by no order of the calls", unexplained.is_some())
            .seed(seed)
            .record();
    }
    assert!(unexplained.is_none(), "no order explains {unexplained:#?}");
}

/// The first history that no order of its calls explains.
async fn unexplained(
    store: &Store,
    owner: UserId,
    histories: u64,
    seed: u64,
) -> Option<Vec<Vec<Op>>> {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..histories {
        let history = record(store, owner, folder.path(), seed.wrapping_add(number * TASKS)).await;
        if !is_linearizable(&history) {
            return Some(history);
        }
    }
    None
}

/// Three tasks at once on a new conversation.
async fn record(store: &Store, owner: UserId, folder: &Path, seed: u64) -> Vec<Vec<Op>> {
    let clock = Clock::at(&folder.join("clock"));
    let chat = ConversationId::new(create(store, owner, 1).await[0]);
    let tasks = (0..TASKS).map(|task| {
        let (store, hand) = (Store::clone(store), clock.hand());
        let random = Random::new(seed.wrapping_add(task));
        tokio::spawn(async move { calls(&store, owner, chat, random, hand).await })
    });
    let mut history = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        history.push(task.await.unwrap());
    }
    history
}

async fn calls(
    store: &Store,
    owner: UserId,
    chat: ConversationId,
    mut random: Random,
    mut hand: Hand,
) -> Vec<Op> {
    let mut ops = Vec::new();
    for _ in 0..CALLS {
        let call = any_call(&mut random);
        let invoked = hand.now();
        let answer = ask(store, owner, chat, &call).await;
        ops.push(Op { invoked, returned: hand.now(), call, answer });
        // What never waits would otherwise run to its end before the next task begins.
        yield_now().await;
    }
    ops
}

/// Few keys, payloads and counts, so that they meet.
fn any_call(random: &mut Random) -> Call {
    match random.below(100) {
        0..2 => Call::Delete,
        2..30 => Call::Last(1 + random.below(5) as u32),
        30..45 => Call::Count,
        _ => {
            let first = random.below(2);
            let messages = (first..=first + random.below(2)).collect();
            let key = (random.below(3) == 0).then(|| random.below(4));
            let expected = (random.below(3) == 0).then(|| random.below(12) as u32);
            Call::Append { messages, key, expected }
        }
    }
}

async fn ask(store: &Store, owner: UserId, chat: ConversationId, call: &Call) -> Answer {
    let answer = match call {
        Call::Append { messages, key, expected } => {
            let turn = turn(messages, *key, *expected);
            store.append(owner, chat, turn).await.map(|answer| Answer::Stored {
                first: answer.messages[0].position.get(),
                replayed: answer.replayed,
            })
        }
        Call::Last(limit) => {
            let query = MessageQuery::last(Limit::new(*limit).unwrap());
            store.messages(owner, chat, query).await.map(|page| {
                let (first, messages) = history::run(&page.items).unwrap();
                Answer::Page { first, messages }
            })
        }
        Call::Count => store.get(owner, chat).await.map(|chat| Answer::Count(chat.message_count)),
        Call::Delete => store.delete(owner, chat, None).await.map(|()| Answer::Deleted),
    };
    answer.unwrap_or_else(refusal)
}

fn turn(messages: &[u64], key: Option<u64>, expected: Option<u32>) -> Turn {
    let contents = messages.iter().map(|message| NewMessage::user(message.to_string()));
    let turn = Turn::new(contents).unwrap();
    let turn = match key {
        Some(key) => turn.with_key(TurnKey::new(key.to_string()).unwrap()),
        None => turn,
    };
    expected.map_or(turn.clone(), |expected| turn.with_expected_count(expected))
}

fn refusal(error: Error) -> Answer {
    match error {
        Error::NotFound => Answer::NotFound,
        Error::Conflict(Conflict::KeyReused) => Answer::KeyReused,
        Error::Conflict(Conflict::Moved) => Answer::Moved,
        error => panic!("{error}"),
    }
}
