//! A turn is stored whole or not at all, and only where it was expected to be.

use crate::{
    conformance::{
        Fixture,
        support::{
            RACERS, User, assert_conflict, at_once, contents, insist, key, limit, says, turn,
        },
    },
    error::{Conflict, Error},
    message_query::MessageQuery,
};

/// Contract 2: nobody ever reads a part of a turn.
pub async fn a_reader_never_sees_part_of_a_turn(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let reader = ann.elsewhere(fixture).await;
    let chat = ann.create().await.id;
    let writer = tokio::spawn(async move {
        for _ in 0..20 {
            ann.append(chat, turn(5)).await;
            tokio::task::yield_now().await;
        }
    });

    while !writer.is_finished() {
        let found = reader.page(chat, MessageQuery::last(limit(500))).await.items.len();
        assert_eq!(found % 5, 0, "a reader saw part of a turn of 5");
        let count = reader.get(chat).await.message_count;
        assert_eq!(count % 5, 0, "a count included part of a turn of 5");
        tokio::task::yield_now().await;
    }

    writer.await.unwrap();
    assert_eq!(reader.get(chat).await.message_count, 100);
}

/// Contract 2: a turn that is refused leaves no trace, neither in the count nor in the time.
pub async fn a_refused_turn_changes_nothing(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    ann.append(chat, turn(2).with_key(key("once"))).await;
    let before = ann.everything().await;

    let moved = ann.store.append(ann.id, chat, turn(3).with_expected_count(1)).await;
    let reused = ann.store.append(ann.id, chat, turn(3).with_key(key("once"))).await;

    assert_conflict(moved, Conflict::Moved, "a wrong expected count");
    assert_conflict(reused, Conflict::KeyReused, "a used key");
    assert!(ann.everything().await == before, "a refused turn left a trace");
}

/// Contract 2: a turn applies only to the number of messages it expects.
pub async fn an_expected_count_must_be_right(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    for (count, text) in [(0, "a"), (1, "b"), (2, "c")] {
        ann.append(chat, says([text]).with_expected_count(count)).await;
    }

    for count in [0, 2, 4, u32::MAX] {
        let keyed = says(["x"]).with_key(key("new")).with_expected_count(count);
        for turn in [says(["x"]).with_expected_count(count), keyed] {
            let answer = ann.store.append(ann.id, chat, turn).await;
            assert_conflict(answer, Conflict::Moved, "a wrong expected count");
        }
    }

    assert_eq!(contents(&ann.read(chat).await), ["a", "b", "c"]);
}

/// Contract 2: of many who expect the same count, one is right.
pub async fn one_of_many_expecting_turns_is_stored(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(1).await.id;

    let answers = at_once((0..RACERS).map(|racer| {
        let (ann, turn) = (ann.clone(), says([racer.to_string(), "reply".into()]));
        async move {
            insist(|| ann.store.append(ann.id, chat, turn.clone().with_expected_count(1))).await
        }
    }))
    .await;

    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    let moved = |error: &Error| matches!(error, Error::Conflict(Conflict::Moved));
    assert_eq!(stored, 1, "turns that expected the same count and were stored");
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(moved));
    assert_eq!(ann.read(chat).await.len(), 3);
}

/// Contract 5: without a key every send is stored.
pub async fn turns_without_a_key_are_all_stored(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    for _ in 0..3 {
        let appended = ann.append(chat, says(["again"])).await;
        assert!(!appended.replayed, "a turn without a key is never a replay");
    }

    assert_eq!(contents(&ann.read(chat).await), ["again"; 3]);
}
