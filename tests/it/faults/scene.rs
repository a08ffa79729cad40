//! An owner with something to lose, and what is there afterwards.

use futures_util::TryStreamExt;
use scrollback::{
    ConversationId, ConversationQuery, ConversationStoreExt, Limit, NewConversation, NewMessage,
    SessionId, Turn, UserId, Version,
};

use super::bench::{Side, unique};

/// An owner with two conversations, seen from where no fault happens.
pub(super) struct Scene {
    watcher: Side,
    pub(super) owner: UserId,
    pub(super) chat: ConversationId,
    /// What the chat is before anything happens.
    pub(super) version: Version,
    pub(super) subject: String,
    /// A user who does not exist yet.
    pub(super) newcomer: String,
}

/// What an owner has: in a form that is the same for every owner, and by its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) rows: Vec<String>,
    pub(super) ids: Vec<i64>,
}

impl Scene {
    pub(super) async fn new(watcher: &Side) -> Self {
        let mut scene = Self::without_messages(watcher).await;
        let second = watcher.store.find_session(scene.owner, &session("second")).await;
        for chat in [second.unwrap().id, scene.chat] {
            let turn = Turn::new([NewMessage::user("a"), NewMessage::assistant("b")]).unwrap();
            watcher.store.append(scene.owner, chat, turn).await.unwrap();
        }
        scene.version = watcher.store.get(scene.owner, scene.chat).await.unwrap().version();
        scene
    }

    pub(super) async fn without_messages(watcher: &Side) -> Self {
        let (subject, newcomer) = (unique("ann"), unique("new"));
        let owner = watcher.owner(&subject).await;
        let create =
            |name| watcher.store.create(owner, NewConversation::new().with_session(session(name)));
        create("second").await.unwrap();
        let first = create("first").await.unwrap();
        let (chat, version) = (first.id, first.version());
        Self { watcher: watcher.clone(), owner, chat, version, subject, newcomer }
    }

    pub(super) async fn state(&self) -> State {
        let (mut rows, mut ids) = (Vec::new(), Vec::new());
        let all = ConversationQuery::new(Limit::MAX);
        for listing in [all, all.archived()] {
            let chats = self.watcher.store.walk_conversations(self.owner, listing);
            for chat in chats.try_collect::<Vec<_>>().await.unwrap() {
                let messages = self.watcher.store.walk_messages(self.owner, chat.id);
                let messages: Vec<_> = messages.try_collect().await.unwrap();
                let texts =
                    messages.iter().map(|message| (message.position.get(), &*message.content));
                let texts: Vec<_> = texts.collect();
                let session = chat.session.as_ref().map(SessionId::as_str);
                let (title, count) = (&chat.title, chat.message_count);
                rows.push(format!("{session:?} {title:?} {} {count} {texts:?}", chat.archived));
                ids.push(chat.id.get());
                ids.extend(messages.iter().map(|message| message.id.get()));
            }
        }
        for (name, subject) in [("owner", &self.subject), ("newcomer", &self.newcomer)] {
            rows.extend(self.watcher.knows(subject).await.then(|| name.to_owned()));
        }
        // The order of a listing is the order of time, and a replay takes no notice of it.
        rows.sort();
        ids.sort_unstable();
        State { rows, ids }
    }
}

fn session(name: &str) -> SessionId {
    SessionId::new(name).unwrap()
}
