//! What a store answers to a script.

use std::fmt::Debug;

use scrollback::{
    Conversation, ConversationId, ConversationQuery, ConversationStore, Cursor, Limit, Message,
    MessageQuery, NewConversation, Result, SessionId, Title, Turn, Version,
};

use super::script::{Chat, Expected, Place, Probe, Script, Start};

/// What a store answered, line by line: the kind of call, its verdict, and what can be compared.
#[derive(Default)]
pub(super) struct Transcript {
    pub(super) lines: Vec<(&'static str, String)>,
    /// What was accepted and did not read back as it was.
    pub(super) altered: Vec<String>,
    /// How often a conversation could not be read after it had accepted a turn.
    pub(super) unreadable: u64,
    /// How often something that was accepted was compared with what was sent.
    pub(super) compared: u64,
}

impl Transcript {
    fn note<T>(
        &mut self,
        call: &'static str,
        answer: Result<T>,
        view: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.lines.push((call, format!("accepted {}", view(&answer))));
                Some(answer)
            }
            Err(error) => {
                self.lines.push((call, format!("{}: {error}", error.kind())));
                None
            }
        }
    }

    fn expect<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        self.compared += 1;
        if found != expected {
            self.altered.push(format!("{what}: {found:?} is not {expected:?}"));
        }
    }
}

/// Sends the script to a store.
pub(super) async fn run(store: &dyn ConversationStore, script: &Script) -> Transcript {
    let mut told = Transcript::default();
    let (owner, new) = (script.owner, script.new.clone());
    let created = told.note("create", store.create(owner, new.clone()).await, chat_view);
    if let Some(chat) = created {
        told.expect("title", &chat.title.as_deref(), &new.title.as_ref().map(Title::as_str));
        told.expect("session", &chat.session, &new.session);
        told.expect("metadata", &chat.metadata.as_json(), &new.metadata.as_json());
        for turn in &script.turns {
            append(store, &chat, turn, &mut told).await;
        }
        let updated = store.update(owner, chat.id, script.update.clone()).await;
        let updated = told.note("update", updated, chat_view);
        let read = told.note("get", store.get(owner, chat.id).await, chat_view);
        told.expect("update", &read, &updated);
        // A listing of two has a second page.
        let second = store.create(owner, NewConversation::new()).await;
        told.note("create", second, chat_view);
        for probe in &script.probes {
            send(store, script, &chat, probe, &mut told).await;
        }
    }
    told.note("erase", store.erase(owner).await, |erased| format!("{erased:?}"));
    told
}

/// Appends a turn and, if it was stored, reads it back and sends it again.
async fn append(
    store: &dyn ConversationStore,
    chat: &Conversation,
    turn: &Turn,
    told: &mut Transcript,
) {
    let appended = store.append(chat.owner, chat.id, turn.clone()).await;
    let messages = |messages: &[Message]| messages.iter().map(message_view).collect::<String>();
    let view = |it: &scrollback::Appended| format!("{} {}", it.replayed, messages(&it.messages));
    let Some(stored) = told.note("append", appended, view) else { return };
    told.expect("a turn", &turn.matches(&stored.messages), &true);
    let read = store.messages(chat.owner, chat.id, MessageQuery::last(Limit::MAX)).await;
    let Some(read) = told.note("messages", read, |page| messages(&page.items)) else {
        told.unreadable += 1;
        return;
    };
    told.expect("messages", &read.items.ends_with(&stored.messages), &true);
    if turn.key().is_some() {
        let again = store.append(chat.owner, chat.id, turn.clone()).await;
        let again = told.note("append again", again, view);
        told.expect("a replay", &again.map(|it| it.messages), &Some(stored.messages));
    }
}

async fn send(
    store: &dyn ConversationStore,
    script: &Script,
    own: &Conversation,
    probe: &Probe,
    told: &mut Transcript,
) {
    let owner = script.owner;
    let id = |chat: &Chat| match *chat {
        Chat::Own => own.id,
        Chat::Number(number) => ConversationId::new(number),
    };
    match probe {
        Probe::Get(chat) => {
            told.note("get", store.get(owner, id(chat)).await, chat_view);
        }
        Probe::Update(chat, expecting) => {
            let mut update = script.update.clone().without_title();
            update.expected_version = expected(store, own, *expecting).await;
            told.note("update", store.update(owner, id(chat), update).await, chat_view);
        }
        Probe::Delete(chat, expecting) => {
            let version = expected(store, own, *expecting).await;
            told.note("delete", store.delete(owner, id(chat), version).await, |()| String::new());
        }
        Probe::Append(chat, turn) => {
            let mut target = own.clone();
            target.id = id(chat);
            append(store, &target, turn, told).await;
        }
        Probe::Messages(chat, start, limit) => {
            let query = messages_query(store, own, *start, *limit).await;
            let read = store.messages(owner, id(chat), query).await;
            told.note("messages", read, |page| page.items.iter().map(message_view).collect());
        }
        Probe::List { archived, limit, at } => {
            let mut query = ConversationQuery::new(*limit);
            query = if *archived { query.archived() } else { query };
            if let Some(place) = at {
                query = query.at(cursor(store, own, *place).await);
            }
            let listed = store.list(owner, query).await;
            told.note("list", listed, |page| page.items.iter().map(chat_view).collect());
        }
        Probe::Session(session) => {
            told.note("find_session", store.find_session(owner, session).await, chat_view);
        }
        Probe::Taken => {
            told.note("create again", store.create(owner, script.new.clone()).await, chat_view);
        }
    }
}

async fn expected(
    store: &dyn ConversationStore,
    own: &Conversation,
    expected: Expected,
) -> Option<Version> {
    match expected {
        Expected::Any => None,
        Expected::Own => store.get(own.owner, own.id).await.ok().map(|chat| chat.version()),
        Expected::Odd(version) => Some(version),
    }
}

async fn messages_query(
    store: &dyn ConversationStore,
    own: &Conversation,
    start: Start,
    limit: Limit,
) -> MessageQuery {
    match start {
        Start::First => MessageQuery::first(limit),
        Start::Last => MessageQuery::last(limit),
        Start::Before(position) => MessageQuery::before(position, limit),
        Start::After(position) => MessageQuery::after(position, limit),
        Start::At(place) => MessageQuery::at(cursor(store, own, place).await, limit),
    }
}

/// The cursor that the symbol stands for; where the store gave none, one that nobody gave.
async fn cursor(store: &dyn ConversationStore, own: &Conversation, place: Place) -> Cursor {
    let one = Limit::new(1).unwrap();
    let given = match place {
        Place::Nowhere(cursor) => Some(cursor),
        Place::OfListing => {
            store.list(own.owner, ConversationQuery::new(one)).await.ok().and_then(|page| page.next)
        }
        Place::OfMessages => {
            let page = store.messages(own.owner, own.id, MessageQuery::last(one)).await;
            page.ok().and_then(|page| page.previous)
        }
    };
    given.unwrap_or_else(|| "A".repeat(34).parse().unwrap())
}

/// A conversation without what may differ between stores: its number and its times.
fn chat_view(chat: &Conversation) -> String {
    let Conversation { title, session, metadata, message_count, archived, .. } = chat;
    let session = session.as_ref().map(SessionId::as_str);
    format!("{title:?} {session:?} {} {message_count} {archived};", metadata.as_json())
}

fn message_view(message: &Message) -> String {
    let Message { position, role, content, metadata, key, .. } = message;
    let key = key.as_ref().map(scrollback::TurnKey::as_str);
    // Megabytes are compared where they are read back.
    let start: String = content.chars().take(40).collect();
    format!("{position} {role} {} {start:?} {} {key:?};", content.len(), metadata.as_json())
}
