//! What is private appears nowhere but in the fields that hold it.

use std::fmt::Debug;

use serde_json::json;

use crate::{
    conformance::{
        Fixture,
        support::{User, key, limit, session},
    },
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::{Error, Result},
    message::NewMessage,
    message_query::MessageQuery,
    metadata::Metadata,
    new_conversation::NewConversation,
    turn::Turn,
};

const CANARY: &str = "canary-7f3a";

/// Contract 10: `Debug` of a store and of all it answers holds nothing private.
pub async fn debug_shows_nothing_private(fixture: &dyn Fixture) {
    let (ann, chat) = loud_chat(fixture).await;

    let appended = ann.append(chat.id, loud_turn("again")).await;
    let messages = ann.page(chat.id, MessageQuery::last(limit(1))).await;
    let listed = ann.list(ConversationQuery::new(limit(1))).await;
    let found = ann.store.find_session(ann.id, &session(CANARY)).await;
    let updated = ann.store.update(ann.id, chat.id, loud_update()).await;

    silent(&ann.store, "the store");
    silent(&(&chat, updated, found), "a conversation");
    silent(&listed, "a page of conversations");
    silent(&messages, "a page of messages");
    silent(&appended, "the answer to an append");
}

/// Contract 10: errors hold nothing private, in their text, their `Debug` and their sources.
pub async fn errors_show_nothing_private(fixture: &dyn Fixture) {
    let (ann, chat) = loud_chat(fixture).await;
    let ben = User::new(fixture).await;
    let (store, turn) = (&ann.store, loud_turn("other"));
    let cursor = ann.page(chat.id, MessageQuery::last(limit(1))).await.previous.unwrap();

    quiet_error(store.append(ann.id, chat.id, turn.clone().with_key(key(CANARY))).await);
    quiet_error(store.append(ann.id, chat.id, turn.clone().with_expected_count(77)).await);
    quiet_error(store.append(ben.id, chat.id, turn).await);
    quiet_error(store.create(ann.id, NewConversation::new().with_session(session(CANARY))).await);
    quiet_error(store.update(ben.id, chat.id, loud_update()).await);
    let stale = loud_update().with_expected_version(chat.version());
    quiet_error(store.update(ann.id, chat.id, stale).await);
    quiet_error(store.delete(ann.id, chat.id, Some(chat.version())).await);
    quiet_error(store.find_session(ben.id, &session(CANARY)).await);
    quiet_error(store.list(ann.id, ConversationQuery::default().at(cursor)).await);
}

/// An owner with a canary in every field of a conversation.
async fn loud_chat(fixture: &dyn Fixture) -> (User, Conversation) {
    let ann = User::new(fixture).await;
    let new = NewConversation::new().with_title(CANARY).unwrap().with_session(session(CANARY));
    let chat = ann.create_with(new.with_metadata(loud_metadata())).await;
    ann.append(chat.id, loud_turn("first").with_key(key(CANARY))).await;
    (ann, chat)
}

fn loud_metadata() -> Metadata {
    Metadata::new(json!({ CANARY: CANARY })).unwrap()
}

fn loud_update() -> ConversationUpdate {
    ConversationUpdate::new().with_title(CANARY).unwrap().with_metadata(loud_metadata())
}

fn loud_turn(text: &str) -> Turn {
    let message = NewMessage::user(format!("{text} {CANARY}")).with_metadata(loud_metadata());
    Turn::new([message.clone(), message]).unwrap()
}

#[track_caller]
fn silent(value: &impl Debug, what: &str) {
    assert!(!format!("{value:?} {value:#?}").contains(CANARY), "Debug of {what} is not silent");
}

#[track_caller]
fn quiet_error<T>(answer: Result<T>) {
    let error: Error = super::support::refused(answer, "what must be refused");
    silent(&error, "an error");
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        assert!(!error.to_string().contains(CANARY), "the text of an error is not silent");
        cause = error.source();
    }
}
