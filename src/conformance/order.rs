//! Positions and times.

use std::collections::HashSet;

use crate::{
    conformance::{
        Fixture,
        support::{RACERS, User, at_once, key, positions, says, turn},
    },
    conversation_update::ConversationUpdate,
    id::ConversationId,
    message::Message,
};

const TURNS: usize = 4;

/// Contract 3: many writers at once leave no gap, and nothing between the messages of a turn.
pub async fn concurrent_turns_are_dense_and_contiguous(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    write_at_once(&ann, chat).await;

    let messages = ann.read(chat).await;
    let expected = (2 * RACERS * TURNS) as u32;
    assert_eq!(positions(&messages), (1..=expected).collect::<Vec<_>>());
    assert_eq!(ann.get(chat).await.message_count, expected);
    for pair in messages.chunks(2) {
        let asked = pair[0].content.strip_suffix(" asked");
        assert!(asked.is_some(), "something stands between the messages of a turn");
        assert_eq!(asked, pair[1].content.strip_suffix(" replied"), "two turns are interleaved");
    }
}

/// Contract 3: the turns of one writer keep their order among those of others.
pub async fn each_writer_keeps_its_order(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    write_at_once(&ann, chat).await;

    let messages = ann.read(chat).await;
    for writer in 0..RACERS {
        let of_writer = |message: &&Message| message.content.starts_with(&format!("{writer}:"));
        let found: Vec<_> = messages.iter().filter(of_writer).map(|m| &*m.content).collect();
        let sent: Vec<_> = (0..TURNS).flat_map(|turn| texts(writer, turn)).collect();
        assert_eq!(found, sent, "the messages of writer {writer}");
    }
}

/// Contract 3: times never go backwards with position, however many write.
pub async fn times_never_decrease_with_position(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    write_at_once(&ann, chat).await;

    let messages = ann.read(chat).await;
    assert!(messages.is_sorted_by_key(|message| message.created_at), "a later message is older");
}

/// Contract 3: `updated_at` never decreases, whatever changes; that it grows is in `versions`.
pub async fn activity_never_goes_backwards(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await;
    let mut times = vec![chat.created_at, chat.updated_at];

    for round in 0..4 {
        ann.append(chat.id, turn(1)).await;
        times.push(ann.get(chat.id).await.updated_at);
        let update = ConversationUpdate::new().with_archived(round % 2 == 0);
        times.push(ann.store.update(ann.id, chat.id, update).await.unwrap().updated_at);
    }

    assert!(times.is_sorted(), "updated_at went backwards: {times:?}");
}

/// Contract 3: a refused turn uses up no position.
pub async fn refused_turns_leave_no_gap(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    ann.append(chat, says(["first"]).with_key(key("k"))).await;
    for refused in [turn(2).with_key(key("k")), turn(2).with_expected_count(77)] {
        assert!(ann.store.append(ann.id, chat, refused).await.is_err(), "it was accepted");
    }
    ann.append(chat, says(["second"])).await;

    assert_eq!(positions(&ann.read(chat).await), [1, 2]);
}

/// Contract 3: each conversation counts for itself, and no message id is used twice.
pub async fn conversations_count_for_themselves(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = [ann.create().await.id, ann.create().await.id];

    for _ in 0..3 {
        for chat in chats {
            ann.append(chat, turn(2)).await;
        }
    }

    let mut seen = HashSet::new();
    for chat in chats {
        let messages = ann.read(chat).await;
        assert_eq!(positions(&messages), [1, 2, 3, 4, 5, 6]);
        assert!(
            messages.iter().all(|message| message.conversation == chat && seen.insert(message.id))
        );
    }
}

async fn write_at_once(user: &User, chat: ConversationId) {
    at_once((0..RACERS).map(|writer| {
        let user = user.clone();
        async move {
            for turn in 0..TURNS {
                user.append(chat, says(texts(writer, turn))).await;
            }
        }
    }))
    .await;
}

fn texts(writer: usize, turn: usize) -> [String; 2] {
    [format!("{writer}:{turn} asked"), format!("{writer}:{turn} replied")]
}
