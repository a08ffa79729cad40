//! An update changes what it names and nothing else.

use serde_json::json;

use crate::{
    conformance::{
        Fixture,
        support::{User, at_once, insist, session, turn},
    },
    conversation::Conversation,
    conversation_update::ConversationUpdate,
    metadata::Metadata,
    new_conversation::NewConversation,
};

/// Contract 2: a new title leaves everything else as it was.
pub async fn a_title_changes_alone(fixture: &dyn Fixture) {
    let update = ConversationUpdate::new().with_title("New").unwrap();
    changes_only(fixture, update, |chat| chat.title = Some("New".into())).await;
}

/// Contract 2: a removed title leaves everything else as it was.
pub async fn a_title_is_removed_alone(fixture: &dyn Fixture) {
    let update = ConversationUpdate::new().without_title();
    changes_only(fixture, update, |chat| chat.title = None).await;
}

/// Contract 2: archiving leaves everything else as it was.
pub async fn archiving_changes_nothing_else(fixture: &dyn Fixture) {
    let update = ConversationUpdate::new().with_archived(true);
    changes_only(fixture, update, |chat| chat.archived = true).await;
}

/// Contract 2: new metadata replaces the old as a whole, and nothing else.
pub async fn metadata_is_replaced_as_a_whole(fixture: &dyn Fixture) {
    for value in [json!({ "new": 1 }), json!({})] {
        let metadata = Metadata::new(value).unwrap();
        let update = ConversationUpdate::new().with_metadata(metadata.clone());
        changes_only(fixture, update, |chat| chat.metadata = metadata.clone()).await;
    }
}

/// Contract 2: an update that names nothing changes nothing but the activity.
pub async fn an_update_of_nothing_changes_nothing(fixture: &dyn Fixture) {
    changes_only(fixture, ConversationUpdate::new(), |_| {}).await;
}

/// Contract 2: everything may change at once.
pub async fn everything_changes_at_once(fixture: &dyn Fixture) {
    let metadata = Metadata::new(json!({ "new": [1] })).unwrap();
    let update = ConversationUpdate::new().with_title("New").unwrap().with_archived(true);
    changes_only(fixture, update.with_metadata(metadata.clone()), |chat| {
        (chat.title, chat.archived) = (Some("New".into()), true);
        chat.metadata = metadata.clone();
    })
    .await;
}

/// Contract 2: updates of different fields that race all hold.
pub async fn racing_updates_of_different_fields_all_hold(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    for _ in 0..8 {
        let chat = ann.create().await.id;
        let metadata = Metadata::new(json!({ "raced": true })).unwrap();
        let updates = [
            ConversationUpdate::new().with_title("Raced").unwrap(),
            ConversationUpdate::new().with_archived(true),
            ConversationUpdate::new().with_metadata(metadata.clone()),
        ];

        at_once(updates.map(|update| {
            let ann = ann.clone();
            async move {
                insist(|| ann.store.update(ann.id, chat, update.clone())).await.unwrap();
            }
        }))
        .await;

        let found = ann.get(chat).await;
        assert_eq!((found.title.as_deref(), found.archived), (Some("Raced"), true), "was lost");
        assert!(found.metadata == metadata, "was lost");
    }
}

async fn changes_only(
    fixture: &dyn Fixture,
    update: ConversationUpdate,
    change: impl Fn(&mut Conversation),
) {
    let ann = User::new(fixture).await;
    let bystander = ann.chat(1).await;
    let metadata = Metadata::new(json!({ "old": 1 })).unwrap();
    let new = NewConversation::new().with_title("Old").unwrap().with_session(session("tab"));
    let chat = ann.create_with(new.with_metadata(metadata)).await.id;
    let messages = ann.append(chat, turn(2)).await.messages;
    let mut expected = ann.get(chat).await;

    let answer = ann.store.update(ann.id, chat, update).await.unwrap();

    assert!(answer.updated_at > expected.updated_at, "the activity did not go forwards");
    change(&mut expected);
    expected.updated_at = answer.updated_at;
    assert!(answer == expected, "{answer:?} is not {expected:?}");
    assert!(ann.get(chat).await == expected, "read back differently");
    assert!(ann.read(chat).await == messages, "an update changed messages");
    assert!(ann.get(bystander.id).await == bystander, "an update changed another conversation");
}
