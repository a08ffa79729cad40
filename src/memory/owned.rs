//! What one owner has.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

use chrono::{DateTime, Duration, SubsecRound, Utc};

use crate::{
    conversation::Conversation,
    conversation_query::ConversationSeek,
    conversation_update::ConversationUpdate,
    error::{Conflict, Error, Result},
    id::{ConversationId, MessageId, Position, UserId},
    key::{SessionId, TurnKey},
    message::Message,
    message_query::MessageWindow,
    new_conversation::NewConversation,
    store::Erased,
    turn::{Appended, Turn},
    version::Version,
};

/// One owner's conversations, and the orders in which they are looked up.
#[derive(Default)]
pub(super) struct Owned {
    chats: BTreeMap<ConversationId, Chat>,
    sessions: HashMap<SessionId, ConversationId>,
    /// The listings, oldest activity first: archived or not, then time, then id.
    activity: BTreeSet<(bool, DateTime<Utc>, ConversationId)>,
    last_change: DateTime<Utc>,
}

struct Chat {
    conversation: Conversation,
    messages: Vec<Message>,
    turns: HashMap<TurnKey, Range<usize>>,
}

impl Owned {
    pub(super) fn create(
        &mut self,
        owner: UserId,
        new: NewConversation,
        id: impl FnOnce() -> i64,
    ) -> Result<Conversation> {
        if new.session.as_ref().is_some_and(|session| self.sessions.contains_key(session)) {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        let conversation = Conversation::new(ConversationId::new(id()), owner, new, self.now());
        if let Some(session) = &conversation.session {
            self.sessions.insert(session.clone(), conversation.id);
        }
        self.activity.insert(activity(&conversation));
        let chat = Chat {
            conversation: conversation.clone(),
            messages: Vec::new(),
            turns: HashMap::new(),
        };
        self.chats.insert(conversation.id, chat);
        Ok(conversation)
    }

    pub(super) fn get(&self, id: ConversationId) -> Result<Conversation> {
        Ok(self.chat(id)?.conversation.clone())
    }

    pub(super) fn find_session(&self, session: &SessionId) -> Result<Conversation> {
        self.get(*self.sessions.get(session).ok_or(Error::NotFound)?)
    }

    pub(super) fn list(&self, seek: &ConversationSeek) -> Vec<Conversation> {
        let oldest = (seek.archived, DateTime::<Utc>::MIN_UTC, ConversationId::new(i64::MIN));
        let newest = (seek.archived, DateTime::<Utc>::MAX_UTC, ConversationId::new(i64::MAX));
        let key = seek.key.map(|(time, id)| (seek.archived, time, id));
        let rows = seek.rows as usize;
        let found = |&(_, _, id): &(_, _, ConversationId)| {
            self.chats.get(&id).map(|chat| chat.conversation.clone())
        };
        if seek.newer {
            let newer = self.activity.range(key.unwrap_or(oldest)..=newest);
            newer.filter(|at| Some(**at) != key).take(rows).filter_map(found).collect()
        } else {
            let older = self.activity.range(oldest..key.unwrap_or(newest));
            older.rev().take(rows).filter_map(found).collect()
        }
    }

    pub(super) fn update(
        &mut self,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        self.chat(id)?.conversation.check_version(update.expected_version)?;
        self.change(id, |chat, _| {
            update.apply(&mut chat.conversation);
            chat.conversation.clone()
        })
    }

    pub(super) fn delete(&mut self, id: ConversationId, expected: Option<Version>) -> Result<()> {
        self.chat(id)?.conversation.check_version(expected)?;
        let Chat { conversation, .. } = self.chats.remove(&id).ok_or(Error::NotFound)?;
        self.activity.remove(&activity(&conversation));
        if let Some(session) = &conversation.session {
            self.sessions.remove(session);
        }
        Ok(())
    }

    pub(super) fn append(
        &mut self,
        id: ConversationId,
        turn: &Turn,
        ids: impl FnOnce(usize) -> i64,
    ) -> Result<Appended> {
        let chat = self.chat(id)?;
        if let Some(stored) = turn.key().and_then(|key| chat.turns.get(key)) {
            return Appended::replayed(turn, chat.messages[stored.clone()].to_vec());
        }
        let count = chat.conversation.message_count;
        if turn.expected_count().is_some_and(|expected| expected != count) {
            return Err(Error::Conflict(Conflict::Moved));
        }
        let first_id = ids(turn.messages().len()) + 1;
        self.change(id, |chat, now| chat.append(turn, first_id, now))
    }

    pub(super) fn messages(
        &self,
        id: ConversationId,
        window: &MessageWindow,
    ) -> Result<(u32, Vec<Message>)> {
        let chat = self.chat(id)?;
        let count = chat.conversation.message_count;
        Ok((count, chat.messages[window.indices(count)].to_vec()))
    }

    pub(super) fn erase(&mut self) -> Erased {
        let messages = self.chats.values().map(|chat| chat.messages.len() as u64).sum();
        let erased = Erased::new(self.chats.len() as u64, messages);
        *self = Self { last_change: self.last_change, ..Self::default() };
        erased
    }

    fn chat(&self, id: ConversationId) -> Result<&Chat> {
        self.chats.get(&id).ok_or(Error::NotFound)
    }

    /// Changes a conversation and moves it to the front of its listing.
    fn change<T>(
        &mut self,
        id: ConversationId,
        change: impl FnOnce(&mut Chat, DateTime<Utc>) -> T,
    ) -> Result<T> {
        let now = self.now();
        let chat = self.chats.get_mut(&id).ok_or(Error::NotFound)?;
        self.activity.remove(&activity(&chat.conversation));
        chat.conversation.updated_at = now;
        let answer = change(chat, now);
        self.activity.insert(activity(&chat.conversation));
        Ok(answer)
    }

    /// The time, in microseconds like a database's, and later than every earlier one: two changes
    /// within a microsecond would otherwise be listed in the order of their ids.
    fn now(&mut self) -> DateTime<Utc> {
        let clock = Utc::now().trunc_subsecs(6);
        self.last_change = clock.max(self.last_change + Duration::microseconds(1));
        self.last_change
    }
}

impl Chat {
    fn append(&mut self, turn: &Turn, first_id: i64, now: DateTime<Utc>) -> Appended {
        let start = self.messages.len();
        let id = self.conversation.id;
        let positions = (self.conversation.message_count + 1..).filter_map(Position::new);
        let new = (first_id..).zip(positions).zip(turn.messages());
        self.messages.extend(new.map(|((number, position), new)| {
            Message::new(
                MessageId::new(number),
                id,
                position,
                new.clone(),
                turn.key().cloned(),
                now,
            )
        }));
        let stored = start..self.messages.len();
        self.conversation.message_count += turn.messages().len() as u32;
        if let Some(key) = turn.key() {
            self.turns.insert(key.clone(), stored.clone());
        }
        Appended::stored(self.messages[stored].to_vec())
    }
}

const fn activity(conversation: &Conversation) -> (bool, DateTime<Utc>, ConversationId) {
    (conversation.archived, conversation.updated_at, conversation.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_where_the_clock_stands_still_and_what_was_known_was_erased() {
        // As after a clock that ran an hour ahead was set right.
        let ahead = (Utc::now() + Duration::hours(1)).trunc_subsecs(6);
        let mut owned = Owned { last_change: ahead, ..Owned::default() };

        let times = [owned.now(), owned.now()];
        owned.erase();
        let after = owned.now();

        assert_eq!(times, [1, 2].map(|n| ahead + Duration::microseconds(n)));
        assert_eq!(after, ahead + Duration::microseconds(3));
    }
}
