//! A session id names one conversation of its owner.

use crate::{
    conformance::{
        Fixture,
        support::{RACERS, User, assert_conflict, assert_unknown, at_once, insist, says, session},
    },
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::Conflict,
    new_conversation::NewConversation,
    store_ext::ConversationStoreExt,
};

/// Contract 2: a taken session id is refused, and its conversation stays as it is.
pub async fn a_taken_session_is_refused(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let new = NewConversation::new().with_session(session("tab"));
    let chat = ann.create_with(new.clone().with_title("First").unwrap()).await;
    ann.append(chat.id, says(["hello"])).await;
    let before = ann.everything().await;

    let second = ann.store.create(ann.id, new.with_title("Second").unwrap()).await;

    assert_conflict(second, Conflict::SessionTaken, "a taken session id");
    assert!(ann.everything().await == before, "a refused creation left a trace");
}

/// Contract 4: a session is found after a restart, that is, through another store.
pub async fn a_session_is_found_elsewhere(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await;
    ann.append(chat.id, says(["hello"])).await;

    let there = ann.elsewhere(fixture).await;
    let found = there.store.find_session(there.id, &tab).await.unwrap();

    assert!(found == ann.get(chat.id).await, "the session leads elsewhere to something else");
}

/// Contract 4: a session follows its conversation through every change.
pub async fn a_session_survives_changes(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await;
    let update = ConversationUpdate::new().with_title("New").unwrap().with_archived(true);

    let updated = ann.store.update(ann.id, chat.id, update).await.unwrap();

    assert!(ann.store.find_session(ann.id, &tab).await.unwrap() == updated);
}

/// Contract 1: deleting a conversation frees its session id.
pub async fn a_deleted_conversation_frees_its_session(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let new = NewConversation::new().with_session(tab.clone());
    let old = ann.create_with(new.clone()).await;
    ann.append(old.id, says(["old"])).await;

    ann.store.delete(ann.id, old.id, None).await.unwrap();

    assert_unknown(ann.store.find_session(ann.id, &tab).await, "a deleted session");
    let new = ann.store.create(ann.id, new).await.expect("a freed session id was refused");
    assert!(new.id != old.id && ann.read(new.id).await.is_empty(), "the old one came back");
}

/// Contract 5: a session that many open at once is one conversation.
pub async fn a_session_opened_at_once_is_one_conversation(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let there = ann.elsewhere(fixture).await;

    let opened = at_once((0..RACERS).map(|racer| {
        let user = if racer % 2 == 0 { ann.clone() } else { there.clone() };
        async move {
            let tab = session("race");
            insist(|| user.store.open_session(user.id, &tab)).await.unwrap().id
        }
    }))
    .await;

    let listed = ann.listed(ConversationQuery::default()).await;
    assert_eq!(listed.len(), 1, "conversations after {RACERS} tasks opened one session");
    assert!(opened.iter().all(|id| *id == listed[0].id));
}

/// Contract 7: session ids are compared byte for byte.
pub async fn similar_sessions_are_different(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let texts = ["tab", "TAB", "tab ", " tab", "t\u{e9}b", "te\u{301}b", "%", "_", "tab\u{200b}"];

    for text in texts {
        let new = NewConversation::new().with_session(session(text));
        let chat = ann.store.create(ann.id, new).await;
        assert!(chat.is_ok(), "the session {text:?} is taken for another");
    }

    for text in texts {
        let found = ann.store.find_session(ann.id, &session(text)).await.unwrap();
        assert_eq!(found.session.as_ref().map(|session| session.as_str()), Some(text));
    }
}
