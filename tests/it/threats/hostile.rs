//! T9, T12: hostile texts are bound, stored and returned as they are, and mean nothing.

use scrollback::{
    ConversationStore, ConversationUpdate, Error, Limit, MessageQuery, Metadata, NewConversation,
    NewMessage, SessionId, Turn, TurnKey, UserId,
};
use serde_json::json;

use super::{corpus::HOSTILE, everything, fixtures};
use crate::{
    database::{OnPostgres, OnSqlite},
    model::broken::{Broken, Defect},
};

/// Puts every text wherever text goes, and says where it came back changed.
async fn changed(store: &dyn ConversationStore, owner: UserId) -> Vec<String> {
    let mut changed = Vec::new();
    for text in HOSTILE {
        let found = used_everywhere(store, owner, text).await.unwrap();
        changed.extend(found.into_iter().map(|place| format!("{text:?} {place}")));
    }
    changed
}

async fn used_everywhere(
    store: &dyn ConversationStore,
    owner: UserId,
    text: &str,
) -> scrollback::Result<Vec<&'static str>> {
    let (session, key) = (SessionId::new(text)?, TurnKey::new(text)?);
    let unused = matches!(store.find_session(owner, &session).await, Err(Error::NotFound));
    let metadata = Metadata::new(json!({ text: text, "in": [text, { text: [text] }] }))?;
    let new = NewConversation::new().with_session(session.clone()).with_title(text)?;
    let chat = store.create(owner, new.with_metadata(metadata.clone())).await?;
    let message = NewMessage::user(text).with_metadata(metadata.clone());
    let turn = Turn::new([message.clone(), message])?.with_key(key.clone());
    let appended = store.append(owner, chat.id, turn.clone()).await?;
    let replayed = store.append(owner, chat.id, turn).await?.replayed;
    let update = ConversationUpdate::new().with_title(text)?.with_metadata(metadata.clone());
    store.update(owner, chat.id, update).await?;

    let read = store.find_session(owner, &session).await?;
    let messages = store.messages(owner, chat.id, MessageQuery::last(Limit::MAX)).await?.items;
    let same = |m: &scrollback::Message| &*m.content == text && m.key.as_ref() == Some(&key);
    let places = [
        ("is taken for another session", unused),
        ("as a session id", read.id == chat.id && read.session.as_ref() == Some(&session)),
        ("as a title", read.title.as_deref() == Some(text)),
        ("in metadata", read.metadata.as_json() == metadata.as_json()),
        ("in a message's metadata", messages.iter().all(|m| m.metadata == metadata)),
        ("as a content or a key", messages.len() == 2 && messages.iter().all(same)),
        ("as an answer", messages == appended.messages && replayed),
    ];
    Ok(places.into_iter().filter(|(_, right)| !right).map(|(place, _)| place).collect())
}

#[tokio::test]
async fn hostile_texts_read_back_byte_for_byte_and_harm_nobody() {
    for (name, fixture) in fixtures().await {
        let (store, ann, ben) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        assert_eq!(changed(&*store, ben).await, Vec::<String>::new(), "{name}, first owner");
        let before = everything(&*store, ben).await;

        let changed = changed(&*store, ann).await;

        assert_eq!(changed, Vec::<String>::new(), "{name}");
        assert!(everything(&*store, ben).await == before, "{name}: somebody else's data changed");
        assert_eq!(everything(&*store, ann).await.len(), HOSTILE.len(), "{name}");
    }
}

#[tokio::test]
async fn a_store_that_alters_texts_is_noticed() {
    let trims = Broken::new(Defect::ContentIsTrimmed);

    let changed = changed(&trims, UserId::new(1)).await;

    assert!(!changed.is_empty());
}

#[tokio::test]
async fn hostile_subjects_are_users_of_their_own() {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);

    for store in [postgres.sql_store(), sqlite.sql_store()] {
        let mut users = std::collections::BTreeSet::new();
        for subject in HOSTILE {
            let user = store.ensure_user(subject).await.unwrap();
            assert!(users.insert(user), "{subject:?} is taken for another subject");
            assert_eq!(store.ensure_user(subject).await.unwrap(), user, "{subject:?}");
        }
    }
}

#[tokio::test]
async fn what_is_stored_grants_nothing() {
    for (name, fixture) in fixtures().await {
        let (store, ann, ben) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let chat = store.create(ben, NewConversation::new()).await.unwrap().id;
        let claim = json!({ "owner": ann.get(), "user_id": ann.get(), "shared_with": [ann.get()],
            "public": true, "conversation_id": chat.get() });
        let metadata = Metadata::new(claim).unwrap();
        let update = ConversationUpdate::new().with_metadata(metadata.clone());
        store.update(ben, chat, update).await.unwrap();

        let own = NewConversation::new().with_metadata(metadata);
        store.create(ann, own).await.unwrap();

        assert!(matches!(store.get(ann, chat).await, Err(Error::NotFound)), "{name}");
        assert_eq!(everything(&*store, ann).await.len(), 1, "{name}");
    }
}
