//! What takes no id: listings, sessions and erasing.

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_unknown, ids, limit, says, session, turn},
    },
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    new_conversation::NewConversation,
};

/// Contract 1: listings hold the owner's conversations and no others.
pub async fn listings_hold_nothing_of_others(fixture: &dyn Fixture) {
    let (ann, ben) = (User::new(fixture).await, User::new(fixture).await);
    let archive = ConversationUpdate::new().with_archived(true);
    let mut own = Vec::new();
    for user in [&ben, &ann, &ben] {
        let (active, archived) = (user.chat(1).await, user.chat(1).await);
        user.store.update(user.id, archived.id, archive.clone()).await.unwrap();
        own.push((active.id, archived.id));
    }

    let active = ann.listed(ConversationQuery::new(limit(1))).await;
    let archived = ann.listed(ConversationQuery::new(limit(1)).archived()).await;

    assert_eq!(ids(&active), [own[1].0], "the active listing");
    assert_eq!(ids(&archived), [own[1].1], "the archived listing");
    assert!(active.iter().all(|chat| chat.owner == ann.id), "a listing names another owner");
}

/// Contract 1: who has nothing reads empty listings.
pub async fn a_new_owner_has_nothing(fixture: &dyn Fixture) {
    let (ann, ben) = (User::new(fixture).await, User::new(fixture).await);
    ben.chat(2).await;

    let active = ann.list(ConversationQuery::default()).await;
    let archived = ann.list(ConversationQuery::default().archived()).await;

    for page in [active, archived] {
        assert!(page.items.is_empty(), "a new owner has conversations");
        assert_eq!((page.previous, page.next), (None, None), "an empty page has neighbours");
    }
}

/// Contract 1: a session id leads to the owner's conversation only.
pub async fn a_foreign_session_is_not_found(fixture: &dyn Fixture) {
    let (ann, ben) = (User::new(fixture).await, User::new(fixture).await);
    let (foreign, deleted) = (session("bens tab"), session("a closed tab"));
    let chat = ben.create_with(NewConversation::new().with_session(foreign.clone())).await;
    let closed = ann.create_with(NewConversation::new().with_session(deleted.clone())).await;
    ann.store.delete(ann.id, closed.id, None).await.unwrap();

    for (what, session) in [
        ("a foreign session", foreign.clone()),
        ("a deleted session", deleted),
        ("an unknown session", session("nobodys tab")),
    ] {
        assert_unknown(ann.store.find_session(ann.id, &session).await, what);
    }

    assert!(ben.store.find_session(ben.id, &foreign).await.unwrap() == chat);
}

/// Contract 1: two owners use the same session id without noticing each other.
pub async fn owners_share_no_sessions(fixture: &dyn Fixture) {
    let (ann, ben) = (User::new(fixture).await, User::new(fixture).await);
    let tab = session("tab-1");
    let new = NewConversation::new().with_session(tab.clone());

    let of_ann = ann.create_with(new.clone()).await;
    let of_ben = ben.create_with(new).await;
    ben.append(of_ben.id, says(["hello"])).await;
    ben.store.delete(ben.id, of_ben.id, None).await.unwrap();

    assert_ne!(of_ann.id, of_ben.id, "two owners share a conversation");
    assert!(ann.store.find_session(ann.id, &tab).await.unwrap() == of_ann);
}

/// Contract 1: erasing one owner touches nobody else.
pub async fn erasing_touches_nobody_else(fixture: &dyn Fixture) {
    let (ann, ben) = (User::new(fixture).await, User::new(fixture).await);
    ann.chat(2).await;
    let chat = ben.create_with(NewConversation::new().with_session(session("tab"))).await;
    ben.append(chat.id, turn(3)).await;
    let before = ben.everything().await;

    ann.store.erase(ann.id).await.unwrap();

    assert!(ben.everything().await == before, "erasing one owner changed another");
}
