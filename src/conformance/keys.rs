//! A turn with a key is stored once.

use crate::{
    conformance::{
        Fixture,
        support::{RACERS, User, assert_conflict, at_once, contents, insist, key, says, turn},
    },
    error::{Conflict, Error},
    turn::Appended,
};

/// Contract 5: every repeat answers with the stored messages and says so.
pub async fn a_repeated_turn_is_stored_once(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let there = ann.elsewhere(fixture).await;
    let chat = ann.create().await.id;
    let turn = turn(2).with_key(key("once"));

    let first = ann.append(chat, turn.clone()).await;
    ann.append(chat, says(["in between"])).await;
    let repeats = [ann.append(chat, turn.clone()).await, there.append(chat, turn).await];

    assert!(!first.replayed, "a first send is no replay");
    for Appended { messages, replayed } in repeats {
        assert!(replayed, "a repeat does not say that it is one");
        assert!(messages == first.messages, "a repeat answers with other messages");
    }
    assert_eq!(contents(&ann.read(chat).await), ["message 1", "message 2", "in between"]);
}

/// Contract 5: a turn that many send at once is stored once.
pub async fn a_racing_turn_is_stored_once(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let there = ann.elsewhere(fixture).await;
    let chat = ann.create().await.id;

    let answers = at_once((0..RACERS).map(|racer| {
        let user = if racer % 2 == 0 { ann.clone() } else { there.clone() };
        async move { user.append(chat, turn(3).with_key(key("race"))).await }
    }))
    .await;

    let stored = ann.read(chat).await;
    assert_eq!(stored.len(), 3, "messages after {RACERS} sends of one turn of 3");
    assert!(answers.iter().all(|answer| answer.messages == stored), "the answers differ");
    let first = answers.iter().filter(|answer| !answer.replayed).count();
    assert_eq!(first, 1, "answers that claim to have stored the turn");
}

/// Contract 5: of two turns that race for a key, one is stored and the other refused.
pub async fn a_racing_key_takes_one_payload(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    let answers = at_once((0..RACERS).map(|racer| {
        let (ann, turn) = (ann.clone(), turn(1 + racer as u32 % 2).with_key(key("race")));
        async move { insist(|| ann.store.append(ann.id, chat, turn.clone())).await }
    }))
    .await;

    let stored = ann.read(chat).await;
    for answer in answers {
        match answer {
            Ok(answer) => assert!(answer.messages == stored, "an answer differs from the store"),
            Err(Error::Conflict(Conflict::KeyReused)) => {}
            Err(error) => panic!("answered {error:?} instead of KeyReused"),
        }
    }
}

/// Contract 5: a repeat leaves count and activity as they are.
pub async fn a_replay_changes_nothing(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let turn = turn(2).with_key(key("once"));
    ann.append(chat, turn.clone()).await;
    let before = ann.everything().await;

    ann.append(chat, turn).await;

    assert!(ann.everything().await == before, "a replay changed something");
}

/// Contract 5: a retry whose first answer was lost is a replay, though the count has moved on.
pub async fn a_replay_comes_before_the_expected_count(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let turn = turn(2).with_key(key("once")).with_expected_count(0);
    let first = ann.append(chat, turn.clone()).await;

    let retry = ann.store.append(ann.id, chat, turn).await.expect("a retry was refused");

    assert!(retry.replayed && retry.messages == first.messages);
}

/// Contract 5: with a used key, another payload is told before a wrong count.
pub async fn a_reused_key_comes_before_the_expected_count(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    ann.append(chat, turn(2).with_key(key("once"))).await;

    let other = turn(1).with_key(key("once")).with_expected_count(0);

    assert_conflict(ann.store.append(ann.id, chat, other).await, Conflict::KeyReused, "a used key");
}

/// Contract 5: a key belongs to its conversation.
pub async fn conversations_share_no_keys(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = [ann.create().await.id, ann.create().await.id];

    for (chat, text) in chats.into_iter().zip(["one", "two"]) {
        let appended = ann.append(chat, says([text]).with_key(key("shared"))).await;
        assert!(!appended.replayed, "another conversation's key was replayed");
    }

    assert_eq!(contents(&ann.read(chats[0]).await), ["one"]);
    assert_eq!(contents(&ann.read(chats[1]).await), ["two"]);
}

/// Contract 5: a key belongs to its owner.
pub async fn owners_share_no_keys(fixture: &dyn Fixture) {
    for text in ["hello", "other"] {
        let user = User::new(fixture).await;
        let chat = user.create().await.id;

        let appended = user.append(chat, says([text]).with_key(key("of everyone"))).await;

        assert!(!appended.replayed, "another owner's key was replayed");
        assert_eq!(contents(&user.read(chat).await), [text]);
    }
}

/// Contract 5: keys are compared byte for byte.
pub async fn similar_keys_are_different(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let keys = ["key", "KEY", "key ", " key", "k\u{e9}y", "ke\u{301}y", "%", "_", "key\u{200b}"];

    for text in keys {
        let appended = ann.append(chat, says([text]).with_key(key(text))).await;
        assert!(!appended.replayed, "the key {text:?} is taken for another");
    }

    let stored = ann.read(chat).await;
    let read: Vec<_> = stored.iter().filter_map(|message| message.key.as_ref()).collect();
    assert_eq!(read.iter().map(|key| key.as_str()).collect::<Vec<_>>(), keys);
}

/// Contract 5: the keys of a deleted conversation bind nobody.
pub async fn a_deleted_conversation_frees_its_keys(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let old = ann.create().await.id;
    ann.append(old, says(["old"]).with_key(key("k"))).await;
    ann.store.delete(ann.id, old, None).await.unwrap();

    let new = ann.create().await.id;
    let appended = ann.append(new, says(["new"]).with_key(key("k"))).await;

    assert!(!appended.replayed);
    assert_eq!(contents(&ann.read(new).await), ["new"]);
}
