//! A store of your own, tested against the contract:
//! `cargo run --example custom_store --features conformance`.
//!
//! Everything is in one ordered map whose key begins with the owner, behind one lock: the least that
//! keeps all the rules. The queries say what to select, so there is no paging to invent. In a crate
//! of your own, `scrollback::conformance_tests!` makes a test of every rule.

#![expect(clippy::print_stdout, reason = "it prints the rules")]

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use scrollback::{
    Appended, Conflict, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, Error, Message, MessageId, MessageQuery, MessageWindow,
    NewConversation, Page, Position, Result, SessionId, Turn, UserId, Version, async_trait,
    conformance::{Fixture, rules, run, unused_owner},
};

fn main() {
    for rule in rules() {
        // A rule that is broken panics and says how.
        run(rule.check(&MapStore::default()));
        println!("pass {}: {}", rule.contract(), rule.name());
    }
}

#[async_trait]
impl Fixture for MapStore {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(self.clone())
    }

    async fn owner(&self) -> UserId {
        unused_owner()
    }
}

/// Clones share their data.
#[derive(Clone, Default)]
struct MapStore(Arc<Mutex<Map>>);

#[derive(Default)]
struct Map {
    chats: BTreeMap<(UserId, ConversationId), Chat>,
    last_id: i64,
    last_change: DateTime<Utc>,
}

struct Chat {
    conversation: Conversation,
    messages: Vec<Message>,
}

impl MapStore {
    /// No call panics half-way through a change, so the map is whole even if the lock is poisoned.
    fn lock(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Map {
    /// What is not under the owner's own keys does not exist.
    fn chat(&self, owner: UserId, id: ConversationId) -> Result<&Chat> {
        self.chats.get(&(owner, id)).ok_or(Error::NotFound)
    }

    fn chats_of(&self, owner: UserId) -> impl Iterator<Item = &Chat> {
        let [first, last] = [i64::MIN, i64::MAX].map(|id| (owner, ConversationId::new(id)));
        self.chats.range(first..=last).map(|(_, chat)| chat)
    }

    fn of_session(&self, owner: UserId, session: &SessionId) -> Result<&Chat> {
        let named = |chat: &&Chat| chat.conversation.session.as_ref() == Some(session);
        self.chats_of(owner).find(named).ok_or(Error::NotFound)
    }

    /// Borrows a chat to change it, which makes it the latest.
    fn change(&mut self, owner: UserId, id: ConversationId) -> Result<&mut Chat> {
        let now = self.now();
        let chat = self.chats.get_mut(&(owner, id)).ok_or(Error::NotFound)?;
        chat.conversation.updated_at = now;
        Ok(chat)
    }

    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// The time, later than any before: the clock may stand still between two calls, or be set back.
    fn now(&mut self) -> DateTime<Utc> {
        let clock = Utc::now().trunc_subsecs(6);
        self.last_change = clock.max(self.last_change + Duration::microseconds(1));
        self.last_change
    }
}

#[async_trait]
impl ConversationStore for MapStore {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        let mut map = self.lock();
        if new.session.as_ref().is_some_and(|session| map.of_session(owner, session).is_ok()) {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        let id = ConversationId::new(map.next_id());
        let conversation = Conversation::new(id, owner, new, map.now());
        let chat = Chat { conversation: conversation.clone(), messages: Vec::new() };
        map.chats.insert((owner, id), chat);
        Ok(conversation)
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        Ok(self.lock().chat(owner, id)?.conversation.clone())
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        Ok(self.lock().of_session(owner, session)?.conversation.clone())
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        let seek = query.seek(owner)?;
        let place = |one: &Conversation| (one.updated_at, one.id);
        let beyond = |one: &&Conversation| match seek.key {
            Some(key) if seek.newer => place(one) > key,
            Some(key) => place(one) < key,
            None => true,
        };
        let map = self.lock();
        let all = map.chats_of(owner).map(|chat| &chat.conversation);
        let listed = all.filter(|one| one.archived == seek.archived);
        let mut rows: Vec<_> = listed.filter(beyond).cloned().collect();
        rows.sort_by_key(place);
        if !seek.newer {
            rows.reverse();
        }
        rows.truncate(seek.rows as usize);
        Ok(query.page(owner, &seek, rows))
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let mut map = self.lock();
        map.chat(owner, id)?.conversation.check_version(update.expected_version)?;
        let conversation = &mut map.change(owner, id)?.conversation;
        update.apply(conversation);
        Ok(conversation.clone())
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        let mut map = self.lock();
        map.chat(owner, id)?.conversation.check_version(expected)?;
        map.chats.remove(&(owner, id));
        Ok(())
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let mut map = self.lock();
        let chat = map.chat(owner, id)?;
        let sent = |message: &&Message| turn.key().is_some() && message.key.as_ref() == turn.key();
        let stored: Vec<_> = chat.messages.iter().filter(sent).cloned().collect();
        if !stored.is_empty() {
            return Appended::replayed(&turn, stored);
        }
        let count = chat.conversation.message_count;
        if turn.expected_count().is_some_and(|expected| expected != count) {
            return Err(Error::Conflict(Conflict::Moved));
        }
        let ids: Vec<_> = turn.messages().iter().map(|_| MessageId::new(map.next_id())).collect();
        Ok(Appended::stored(map.change(owner, id)?.push(&turn, ids)))
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let map = self.lock();
        let chat = map.chat(owner, id)?;
        let count = chat.conversation.message_count;
        let items = chat.messages[window.indices(count)].to_vec();
        Ok(MessageWindow::page(owner, id, count, items))
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        let mut map = self.lock();
        let (conversations, messages) = map.chats_of(owner).fold((0, 0), |(chats, all), chat| {
            (chats + 1, all + u64::from(chat.conversation.message_count))
        });
        map.chats.retain(|(theirs, _), _| *theirs != owner);
        Ok(Erased::new(conversations, messages))
    }
}

impl Chat {
    fn push(&mut self, turn: &Turn, ids: Vec<MessageId>) -> Vec<Message> {
        let Conversation { id, message_count, updated_at, .. } = self.conversation;
        let places = (message_count + 1..).filter_map(Position::new);
        let new = turn.messages().iter().zip(ids).zip(places).map(|((new, message), position)| {
            Message::new(message, id, position, new.clone(), turn.key().cloned(), updated_at)
        });
        let new: Vec<_> = new.collect();
        self.conversation.message_count += new.len() as u32;
        self.messages.extend_from_slice(&new);
        new
    }
}

/// Shows no data: rule 10.
impl fmt::Debug for MapStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapStore")
    }
}
