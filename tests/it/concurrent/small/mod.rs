//! Small histories of everything that one conversation can be asked, compared with all orders in
//! which the calls may have taken effect.

mod calls;
mod search;
mod spec;

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
};

use scrollback::{ConversationId, UserId, Version};
use scrollback_proof::{F14, I5, I6, I7, Trial, control};

use tokio::task::yield_now;

use self::{
    calls::{any_call, ask},
    search::{Op, is_linearizable},
    spec::{Answer, Call},
};
use super::{
    Clock, Hand, Store, create,
    defects::{Broken, Defect},
    from_env, load, on_postgres, on_sqlite,
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
        (Defect::ComparesBeforeItActs, F14, "expected versions looked at before the update"),
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
        call: Call::Look,
        answer: Answer::Seen { count, version: version(count + 1) },
    };
    let update = |invoked, returned, expected, made| Op {
        invoked,
        returned,
        call: Call::Update { expected: Some(version(expected)) },
        answer: if made > 0 { Answer::Updated(version(made)) } else { Answer::Changed },
    };

    // Overlapping appends may take effect either way round, one after the other may not.
    assert!(is_linearizable(&[vec![append(1, 4, 7, 2)], vec![append(2, 3, 8, 1)]]));
    assert!(!is_linearizable(&[vec![append(1, 2, 7, 2)], vec![append(3, 4, 8, 1)]]));
    // A count may miss what it overlaps, and nothing that came before.
    assert!(is_linearizable(&[vec![append(1, 4, 7, 1)], vec![count(2, 3, 0), count(5, 6, 1)]]));
    assert!(!is_linearizable(&[vec![append(1, 2, 7, 1)], vec![count(3, 4, 0)]]));
    // What one reader has seen, the next sees too.
    assert!(!is_linearizable(&[vec![append(1, 9, 7, 1)], vec![count(2, 3, 1), count(4, 5, 0)]]));
    // Of two updates of one version, one is refused; and so is one of a version before a turn.
    let look = || count(1, 2, 0);
    assert!(is_linearizable(&[vec![look(), update(3, 6, 1, 2)], vec![update(4, 5, 1, 0)]]));
    assert!(!is_linearizable(&[vec![look(), update(3, 6, 1, 2)], vec![update(4, 5, 1, 3)]]));
    assert!(!is_linearizable(&[vec![look(), append(3, 4, 7, 1), update(5, 6, 1, 3)]]));
    // What nobody has changed is not refused, and no change keeps the version.
    assert!(!is_linearizable(&[vec![look(), update(3, 4, 1, 0)]]));
    assert!(!is_linearizable(&[vec![look(), update(3, 4, 1, 1)]]));
}

/// The `n`-th of some versions.
fn version(n: u32) -> Version {
    format!("{n:x}").parse().unwrap()
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
    let (mut ops, mut seen) = (Vec::new(), None);
    for _ in 0..CALLS {
        let call = any_call(&mut random, seen);
        let invoked = hand.now();
        let answer = ask(store, owner, chat, &call).await;
        if let Answer::Seen { version, .. } | Answer::Updated(version) = answer {
            seen = Some(version);
        }
        ops.push(Op { invoked, returned: hand.now(), call, answer });
        // What never waits would otherwise run to its end before the next task begins.
        yield_now().await;
    }
    ops
}
