//! One store's numbers and times, and the symbols that stand for them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use scrollback::{
    Conversation, ConversationId, Cursor, Message, MessageId, Page, Position, UserId, Version,
};
use scrollback_proof::{I13, Row};

use super::{
    answer::{ConversationView, MessageView, PageView},
    call::Chat,
    op::Expected,
};

/// Gives out symbols in the order in which a store's numbers first appear.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) owners: [UserId; 3],
    chats: Symbols<ConversationId>,
    messages: Symbols<MessageId>,
    cursors: Vec<Cursor>,
    times: HashMap<ConversationId, Times>,
    faults: Vec<(Row, String)>,
}

#[derive(Debug)]
struct Times {
    created_at: DateTime<Utc>,
    updates: Vec<DateTime<Utc>>,
    /// The versions that go with them.
    versions: Vec<Version>,
    messages: HashMap<Position, DateTime<Utc>>,
}

#[derive(Debug)]
struct Symbols<T> {
    by_value: HashMap<T, usize>,
    values: Vec<T>,
}

impl Names {
    pub(super) fn new(owners: [UserId; 3]) -> Self {
        Self {
            owners,
            chats: Symbols::new(),
            messages: Symbols::new(),
            cursors: Vec::new(),
            times: HashMap::new(),
            faults: Vec::new(),
        }
    }

    pub(super) fn id(&self, chat: Chat) -> ConversationId {
        match chat {
            Chat::Known(chat) => self.chats.values[chat],
            Chat::Never(id) => ConversationId::new(id),
        }
    }

    pub(super) fn cursor(&self, place: usize) -> Cursor {
        self.cursors[place]
    }

    /// The version that was seen so many before the last; where that was none, one of nothing.
    pub(super) fn version(&self, chat: Chat, expected: Expected) -> Option<Version> {
        let before = expected?;
        let seen = self.times.get(&self.id(chat)).map_or(&[][..], |times| &times.versions);
        let version = seen.iter().rev().nth(before).copied();
        Some(version.unwrap_or_else(|| "1".parse().expect("it is a number")))
    }

    pub(super) fn conversation(&mut self, conversation: &Conversation) -> ConversationView {
        ConversationView {
            chat: self.chats.symbol(conversation.id),
            owner: self.owners.iter().position(|owner| *owner == conversation.owner),
            title: conversation.title.as_deref().map(str::to_owned),
            session: conversation.session.as_ref().map(|session| session.as_str().to_owned()),
            metadata: conversation.metadata.as_json().to_owned(),
            message_count: conversation.message_count,
            archived: conversation.archived,
            revision: self.revision(conversation),
        }
    }

    pub(super) fn message(&mut self, message: &Message) -> MessageView {
        self.check_time(message);
        MessageView {
            message: self.messages.symbol(message.id),
            chat: self.chats.symbol(message.conversation),
            position: message.position.get(),
            role: message.role.as_str(),
            content: message.content.to_string(),
            metadata: message.metadata.as_json().to_owned(),
            key: message.key.as_ref().map(|key| key.as_str().to_owned()),
        }
    }

    /// Remembers the cursors of a page that the sequence may continue at.
    pub(super) fn page<T, V>(&mut self, page: &Page<T>, items: Vec<V>) -> PageView<V> {
        self.cursors.extend(page.previous.into_iter().chain(page.next));
        PageView { items, previous: page.previous.is_some(), next: page.next.is_some() }
    }

    pub(super) fn fault(&mut self, row: Row, fault: &str) {
        self.faults.push((row, fault.to_owned()));
    }

    /// The rules that the answers have broken on their own, without being compared.
    pub(super) fn take_faults(&mut self) -> Vec<(Row, String)> {
        std::mem::take(&mut self.faults)
    }

    fn revision(&mut self, conversation: &Conversation) -> usize {
        let Conversation { created_at, updated_at, .. } = *conversation;
        let times = self.times.entry(conversation.id).or_insert_with(|| Times::new(created_at));
        let latest = times.updates.last().copied().unwrap_or(created_at);
        let revision = times.updates.iter().position(|seen| *seen == updated_at);
        if times.created_at != created_at {
            self.faults.push((I13, "created_at of a conversation changed".to_owned()));
        }
        if updated_at < latest {
            self.faults.push((I13, "updated_at decreased".to_owned()));
        }
        revision.unwrap_or_else(|| {
            times.updates.push(updated_at);
            times.versions.push(conversation.version());
            times.updates.len() - 1
        })
    }

    fn check_time(&mut self, message: &Message) {
        let Message { conversation, position, created_at, .. } = *message;
        // Messages are only seen of conversations that were seen being created.
        let Some(times) = self.times.get_mut(&conversation) else { return };
        let stored = *times.messages.entry(position).or_insert(created_at);
        let before = times.messages.iter().filter(|(other, _)| **other < position);
        if stored != created_at {
            self.faults.push((I13, "created_at of a message changed".to_owned()));
        }
        if created_at < times.created_at || before.into_iter().any(|(_, time)| *time > created_at) {
            self.faults.push((I13, "created_at of messages decreases".to_owned()));
        }
    }
}

impl Times {
    fn new(created_at: DateTime<Utc>) -> Self {
        Self { created_at, updates: Vec::new(), versions: Vec::new(), messages: HashMap::new() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Symbols<T> {
    fn new() -> Self {
        Self { by_value: HashMap::new(), values: Vec::new() }
    }

    fn symbol(&mut self, value: T) -> usize {
        *self.by_value.entry(value).or_insert_with(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }
}
