//! What one store acknowledged, another store over the same data reads.

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_unknown, turn},
    },
    conversation_update::ConversationUpdate,
    metadata::Metadata,
    new_conversation::NewConversation,
};

/// Contract 4: a new conversation is what was asked for, and is read as it was answered.
pub async fn a_created_conversation_is_read_elsewhere(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let metadata = Metadata::new(serde_json::json!({ "model": "small" })).unwrap();
    let new = NewConversation::new().with_title("Oslo").unwrap().with_metadata(metadata.clone());

    let chat = ann.create_with(new).await;

    assert_eq!((chat.owner, chat.title.as_deref()), (ann.id, Some("Oslo")));
    assert_eq!((chat.message_count, chat.archived, &chat.session), (0, false, &None));
    assert!(chat.metadata == metadata && chat.updated_at >= chat.created_at);
    assert!(ann.elsewhere(fixture).await.get(chat.id).await == chat, "read back differently");
}

/// Contract 4: an appended turn is read as it was answered.
pub async fn an_appended_turn_is_read_elsewhere(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await;

    let appended = ann.append(chat.id, turn(3)).await;

    let there = ann.elsewhere(fixture).await;
    assert!(!appended.replayed, "a first send is no replay");
    assert!(there.read(chat.id).await == appended.messages, "read back differently");
    assert_eq!(there.get(chat.id).await.message_count, 3);
}

/// Contract 4: an update is read as it was answered.
pub async fn an_update_is_read_elsewhere(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await;
    let update = ConversationUpdate::new().with_title("Bergen").unwrap();

    let updated = ann.store.update(ann.id, chat.id, update).await.unwrap();

    assert_eq!(updated.title.as_deref(), Some("Bergen"));
    assert!(ann.elsewhere(fixture).await.get(chat.id).await == updated, "read back differently");
}

/// Contract 4: what is deleted is deleted everywhere.
pub async fn a_deletion_is_seen_elsewhere(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let there = ann.elsewhere(fixture).await;
    let chat = ann.chat(1).await;
    there.get(chat.id).await;

    ann.store.delete(ann.id, chat.id, None).await.unwrap();

    assert_unknown(there.store.get(there.id, chat.id).await, "a conversation deleted elsewhere");
    assert!(there.everything().await.is_empty(), "a deleted conversation is listed elsewhere");
}
