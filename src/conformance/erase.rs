//! Erasing an owner.

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_unknown, limit, session, turn},
    },
    conversation_update::ConversationUpdate,
    message_query::MessageQuery,
    new_conversation::NewConversation,
    store::Erased,
};

/// Contract 2: the receipt counts what is gone.
pub async fn the_receipt_counts_what_is_gone(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    for messages in [0, 2, 3] {
        ann.chat(messages).await;
    }
    let archived = ann.chat(4).await.id;
    let update = ConversationUpdate::new().with_archived(true);
    ann.store.update(ann.id, archived, update).await.unwrap();

    let erased = ann.store.erase(ann.id).await.unwrap();

    assert_eq!(erased, Erased::new(4, 9));
}

/// Contract 1: nothing of an erased owner can be reached.
pub async fn an_erased_owner_has_nothing(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await.id;
    ann.append(chat, turn(2)).await;
    let archived = ann.chat(1).await.id;
    let update = ConversationUpdate::new().with_archived(true);
    ann.store.update(ann.id, archived, update).await.unwrap();

    ann.store.erase(ann.id).await.unwrap();

    let there = ann.elsewhere(fixture).await;
    for user in [ann, there] {
        let last = MessageQuery::last(limit(1));
        assert_unknown(user.store.get(user.id, chat).await, "an erased conversation");
        assert_unknown(user.store.get(user.id, archived).await, "an erased archive");
        assert_unknown(user.store.messages(user.id, chat, last).await, "erased messages");
        assert_unknown(user.store.find_session(user.id, &tab).await, "an erased session");
        assert!(user.everything().await.is_empty(), "an erased owner has conversations");
    }
}

/// Contract 2: erasing nothing is no error.
pub async fn erasing_nothing_is_no_error(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;

    let never = ann.store.erase(ann.id).await.unwrap();
    ann.chat(1).await;
    ann.store.erase(ann.id).await.unwrap();
    let again = ann.store.erase(ann.id).await.unwrap();

    assert_eq!((never, again), (Erased::default(), Erased::default()));
}

/// Contract 4: an erased owner starts again from nothing.
pub async fn an_erased_owner_starts_again(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let new = NewConversation::new().with_session(session("tab"));
    let old = ann.create_with(new.clone()).await.id;
    ann.append(old, turn(2)).await;
    ann.store.erase(ann.id).await.unwrap();

    let chat = ann.create_with(new).await;
    ann.append(chat.id, turn(1)).await;

    assert_ne!(chat.id, old, "an erased id is back");
    assert_eq!(ann.read(chat.id).await.len(), 1);
    assert_eq!(ann.store.erase(ann.id).await.unwrap(), Erased::new(1, 1));
}
