//! Every method that takes an id, called with one that is foreign, deleted or unknown.

use futures_util::future::BoxFuture;

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_unknown, at, key, limit, session, turn},
    },
    conversation::Conversation,
    conversation_update::ConversationUpdate,
    error::Result,
    id::ConversationId,
    message_query::MessageQuery,
    new_conversation::NewConversation,
};

/// Contract 1: a conversation is read by its owner only.
pub async fn a_foreign_conversation_is_not_read(fixture: &dyn Fixture) {
    is_owned(fixture, |user, id| user.store.get(user.id, id)).await;
}

/// Contract 1: messages are read by their owner only, however they are asked for.
pub async fn foreign_messages_are_not_read(fixture: &dyn Fixture) {
    let size = limit(2);
    let queries = [
        MessageQuery::last(size),
        MessageQuery::first(size),
        MessageQuery::before(at(2), size),
        MessageQuery::after(at(1), size),
    ];
    for query in queries {
        is_owned(fixture, |user, id| user.store.messages(user.id, id, query)).await;
    }
}

/// Contract 1: only the owner appends.
pub async fn a_foreign_conversation_is_not_appended_to(fixture: &dyn Fixture) {
    is_owned(fixture, |user, id| user.store.append(user.id, id, turn(2))).await;
}

/// Contract 1: an expected count, right or wrong, tells nothing about a foreign conversation.
pub async fn an_expected_count_tells_nothing_about_others(fixture: &dyn Fixture) {
    let scene = Scene::set(fixture).await;

    for count in [0, 3, u32::MAX] {
        let turn = turn(1).with_expected_count(count);
        let (store, stranger) = (&scene.stranger.store, scene.stranger.id);

        let answer = store.append(stranger, scene.chat.id, turn).await;

        assert_unknown(answer, "a foreign conversation with an expected count");
    }
}

/// Contract 1: a key, used or not, tells nothing about a foreign conversation.
pub async fn a_key_tells_nothing_about_others(fixture: &dyn Fixture) {
    for (name, messages) in [("first", 3), ("first", 1), ("unused", 1)] {
        let turn = turn(messages).with_key(key(name));
        let scene = Scene::set(fixture).await;
        let before = scene.victim.everything().await;

        let answer = scene.stranger.store.append(scene.stranger.id, scene.chat.id, turn).await;

        assert_unknown(answer, "a foreign conversation with a key");
        assert!(scene.victim.everything().await == before, "a stranger's key changed something");
    }
}

/// Contract 1: an expected version, right or wrong, tells nothing about a foreign conversation.
pub async fn an_expected_version_tells_nothing_about_others(fixture: &dyn Fixture) {
    let scene = Scene::set(fixture).await;
    let (store, stranger, chat) = (&scene.stranger.store, scene.stranger.id, scene.chat.id);
    let now = scene.victim.get(chat).await.version();
    let before = scene.victim.everything().await;

    for version in [scene.chat.version(), now] {
        let update = ConversationUpdate::new().with_archived(true).with_expected_version(version);
        assert_unknown(store.update(stranger, chat, update).await, "an update of a version");
        let deletion = store.delete(stranger, chat, Some(version)).await;
        assert_unknown(deletion, "a deletion of a version");
    }

    assert!(scene.victim.everything().await == before, "a stranger's version changed something");
}

/// Contract 1: only the owner changes a conversation.
pub async fn a_foreign_conversation_is_not_updated(fixture: &dyn Fixture) {
    let update = ConversationUpdate::new().with_title("Mine now").unwrap().with_archived(true);
    is_owned(fixture, |user, id| user.store.update(user.id, id, update.clone())).await;
}

/// Contract 1: only the owner deletes a conversation.
pub async fn a_foreign_conversation_is_not_deleted(fixture: &dyn Fixture) {
    is_owned(fixture, |user, id| user.store.delete(user.id, id, None)).await;
}

/// Makes the call as a stranger, who must learn and change nothing, and then as the owner.
async fn is_owned<T>(
    fixture: &dyn Fixture,
    call: impl for<'a> Fn(&'a User, ConversationId) -> BoxFuture<'a, Result<T>> + Sync,
) {
    let scene = Scene::set(fixture).await;
    let before = scene.victim.everything().await;

    for (what, id) in scene.not_the_strangers() {
        assert_unknown(call(&scene.stranger, id).await, what);
    }

    assert!(scene.victim.everything().await == before, "a stranger changed the owner's data");
    assert!(scene.stranger.everything().await.is_empty(), "a stranger gained data");
    assert!(call(&scene.victim, scene.chat.id).await.is_ok(), "the owner was refused");
}

/// An owner with a conversation, and a stranger who wants it.
struct Scene {
    victim: User,
    stranger: User,
    chat: Conversation,
    deleted: ConversationId,
}

impl Scene {
    async fn set(fixture: &dyn Fixture) -> Self {
        let victim = User::new(fixture).await;
        let stranger = User::new(fixture).await;
        let deleted = stranger.chat(1).await.id;
        stranger.store.delete(stranger.id, deleted, None).await.unwrap();
        let new = NewConversation::new().with_title("Private").unwrap();
        let chat = victim.create_with(new.with_session(session("private"))).await;
        victim.append(chat.id, turn(3).with_key(key("first"))).await;
        Self { victim, stranger, chat, deleted }
    }

    fn not_the_strangers(&self) -> [(&'static str, ConversationId); 7] {
        [
            ("a foreign id", self.chat.id),
            ("a deleted id", self.deleted),
            ("an unknown id", ConversationId::new(i64::MAX - 1)),
            ("the id 0", ConversationId::new(0)),
            ("a negative id", ConversationId::new(-1)),
            ("the smallest id", ConversationId::new(i64::MIN)),
            ("the largest id", ConversationId::new(i64::MAX)),
        ]
    }
}
