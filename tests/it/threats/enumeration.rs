//! T11: counting through ids finds nothing, and session ids cannot be guessed.
//!
//! `SCROLLBACK_WALKED_IDS` sets how far the walk through the databases goes.

use std::collections::HashSet;

use scrollback::{
    ConversationId, ConversationStore, Limit, MessageQuery, NewConversation, SessionId, UserId,
};
use scrollback_proof::{T11, Trial, control};

use super::{everything, fixtures, rows::turn};
use crate::{
    concurrent::from_env,
    model::broken::{Broken, Defect},
};

/// The calls of somebody who tries all ids up to `last`, and the different answers.
async fn answers(
    store: &dyn ConversationStore,
    thief: UserId,
    last: i64,
) -> (usize, HashSet<String>) {
    let (mut calls, mut answers) = (0, HashSet::new());
    let query = MessageQuery::last(Limit::MAX);
    for id in (-2..=last).map(ConversationId::new) {
        let given = [
            format!("{:?}", store.get(thief, id).await.err()),
            format!("{:?}", store.messages(thief, id, query).await.err()),
            format!("{:?}", store.append(thief, id, turn(1)).await.err()),
            format!("{:?}", store.delete(thief, id, None).await.err()),
        ];
        calls += given.len();
        answers.extend(given);
    }
    (calls, answers)
}

async fn some_chats(store: &dyn ConversationStore, owner: UserId) -> i64 {
    let mut last = 0;
    for _ in 0..20 {
        last = store.create(owner, NewConversation::new()).await.unwrap().id.get();
    }
    last
}

/// How far beyond the last id of anybody's; in memory a walk costs nothing.
fn beyond(name: &str) -> i64 {
    match name {
        "memory" => 100_000,
        _ => from_env("SCROLLBACK_WALKED_IDS").unwrap_or(200),
    }
}

#[tokio::test]
async fn counting_through_ids_finds_nothing() {
    for (name, fixture) in fixtures().await {
        let (store, victim, thief) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let last = some_chats(&*store, victim).await;
        let before = everything(&*store, victim).await;

        let (calls, mut answers) = answers(&*store, thief, last + beyond(name)).await;

        let told = answers.remove("Some(NotFound)");
        let changed = everything(&*store, victim).await != before;
        Trial::of(T11, format!("calls by ids counted through, {name}"))
            .times(calls)
            .wrong("other answers than `NotFound`", answers.len())
            .wrong("changes of the victim's", usize::from(changed))
            .record();
        assert!(told && answers.is_empty() && !changed, "{name}: {answers:?} {changed}");
    }
}

#[tokio::test]
async fn a_store_that_takes_ids_for_permissions_is_noticed() {
    let store = Broken::new(Defect::GetHasNoOwnerCheck);
    let last = some_chats(&store, UserId::new(1)).await;

    let (_, answers) = answers(&store, UserId::new(2), last).await;

    control(T11, "a store that takes ids for permissions", usize::from(answers.len() > 1), 1);
    assert!(answers.len() > 1);
}

const SAMPLES: u32 = 100_000;

/// Bits that are not as random as a fair coin, ids that repeat, and bits that are not as said.
fn predictable(mut generate: impl FnMut() -> u128) -> Vec<String> {
    // RFC 9562, section 5.4: four bits say version 4, two say the variant.
    const FIXED: u128 = (0xf << 76) | (0b11 << 62);
    let ids: HashSet<u128> = (0..SAMPLES).map(|_| generate()).collect();
    let mut found = Vec::new();
    if ids.len() != SAMPLES as usize {
        found.push(format!("{} of {SAMPLES} are different", ids.len()));
    }
    if ids.iter().any(|id| id & FIXED != (4 << 76) | (0b10 << 62)) {
        found.push("not of version 4".to_owned());
    }
    for bit in (0..128).filter(|bit| FIXED >> bit & 1 == 0) {
        let set = ids.iter().filter(|id| *id >> bit & 1 == 1).count() as u32;
        // Six standard deviations of a fair coin are 949: one run in ten million fails.
        if set.abs_diff(SAMPLES / 2) >= 950 {
            found.push(format!("bit {bit} is set {set} times of {SAMPLES}"));
        }
    }
    found
}

#[test]
fn session_ids_have_122_random_bits() {
    let found = predictable(|| {
        let text = SessionId::generate().as_str().replace('-', "");
        u128::from_str_radix(&text, 16).unwrap()
    });

    Trial::of(T11, "session ids, each of 122 bits tested as a coin")
        .times(SAMPLES)
        .wrong("bits that are predictable", found.len())
        .record();
    assert_eq!(found, [""; 0]);
}

#[test]
fn session_ids_that_count_are_noticed() {
    let mut last = (4 << 76) | (0b10 << 62);
    let counted = predictable(|| {
        last += 1;
        last
    });

    control(T11, "session ids that count", usize::from(!counted.is_empty()), 1);
    assert!(!counted.is_empty());
}
