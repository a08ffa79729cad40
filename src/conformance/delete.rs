//! Deleting a conversation.

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_unknown, at, limit, session, turn},
    },
    conversation_update::ConversationUpdate,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    store::Erased,
};

/// Contract 1: nothing of a deleted conversation can be reached.
pub async fn a_deleted_conversation_is_gone(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await.id;
    ann.append(chat, turn(3)).await;

    ann.store.delete(ann.id, chat, None).await.unwrap();

    let store = &ann.store;
    let update = ConversationUpdate::new().with_archived(true);
    let after = MessageQuery::after(at(1), limit(1));
    assert_unknown(store.get(ann.id, chat).await, "get");
    assert_unknown(store.find_session(ann.id, &tab).await, "find_session");
    assert_unknown(store.update(ann.id, chat, update).await, "update");
    assert_unknown(store.append(ann.id, chat, turn(1)).await, "append");
    assert_unknown(store.messages(ann.id, chat, MessageQuery::last(limit(1))).await, "messages");
    assert_unknown(store.messages(ann.id, chat, after).await, "messages after");
    assert!(ann.everything().await.is_empty(), "a deleted conversation is listed");
}

/// Contract 1: the second of two deletes finds nothing.
pub async fn a_second_delete_finds_nothing(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(1).await.id;

    ann.store.delete(ann.id, chat, None).await.unwrap();

    assert_unknown(ann.store.delete(ann.id, chat, None).await, "a second delete");
}

/// Contract 2: deleting takes the messages along, and only those of this conversation.
pub async fn deleting_takes_exactly_its_messages(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let (gone, kept) = (ann.chat(3).await.id, ann.chat(2).await);
    let messages = ann.read(kept.id).await;

    ann.store.delete(ann.id, gone, None).await.unwrap();

    assert!(ann.everything().await == [(kept, messages)], "deleting touched another conversation");
    let left = ann.store.erase(ann.id).await.unwrap();
    assert_eq!(left, Erased::new(1, 2), "what was left after deleting");
}

/// Contract 3: the id of a deleted conversation is not given out again.
pub async fn a_deleted_id_is_not_reused(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let mut seen = Vec::new();

    for _ in 0..3 {
        let chat = ann.chat(1).await;
        assert!(!seen.contains(&chat.id), "the id of a deleted conversation is back");
        ann.store.delete(ann.id, chat.id, None).await.unwrap();
        seen.push(chat.id);
    }

    for id in seen {
        assert_unknown(ann.store.get(ann.id, id).await, "a deleted id");
    }
}
