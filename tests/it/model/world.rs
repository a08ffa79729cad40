//! What all stores must agree on: which conversations and cursors there are, and what a step means.

use proptest::sample::Index;
use scrollback::{
    ConversationUpdate, Metadata, NewConversation, NewMessage, Result, SessionId, Turn, TurnKey,
};

use super::{
    answer::{Answer, PageView},
    call::{Call, Chat, Start},
    op::{Append, From, Op, Pick, Place, Step, Update},
};

/// Knows conversations and cursors by the order in which they first appeared.
#[derive(Debug, Default)]
pub(super) struct World {
    chats: Vec<Known>,
    places: Vec<Listing>,
    last: Option<(usize, Call)>,
}

#[derive(Debug)]
struct Known {
    owner: usize,
    alive: bool,
    count: u32,
}

/// What a cursor belongs to.
#[derive(Debug, PartialEq)]
enum Listing {
    Conversations { owner: usize, archived: bool },
    Messages { owner: usize, chat: Chat },
}

impl World {
    /// Turns a step into the call that every store gets.
    pub(super) fn resolve(&self, step: &Step) -> Result<(usize, Call)> {
        let actor = step.actor;
        let call = match &step.op {
            Op::Create { title, session, metadata } => {
                Call::Create(created(*title, *session, metadata)?)
            }
            Op::Get(pick) => Call::Get(self.chat(actor, pick)),
            Op::FindSession(session) => Call::FindSession(SessionId::new(*session)?),
            Op::List { archived, limit, at } => {
                let listing = Listing::Conversations { owner: actor, archived: *archived };
                let at = at.as_ref().and_then(|place| self.place(&listing, place));
                Call::List { archived: *archived, limit: *limit, at }
            }
            Op::Update(pick, update) => {
                Call::Update(self.chat(actor, pick), updated(update)?, update.expected)
            }
            Op::Delete(pick, expected) => Call::Delete(self.chat(actor, pick), *expected),
            Op::Append(pick, append) => {
                let chat = self.chat(actor, pick);
                Call::Append(chat, appended(append, self.count(chat))?)
            }
            Op::Messages { chat, from, limit } => {
                let chat = self.chat(actor, chat);
                Call::Messages { chat, start: self.start(actor, chat, from), limit: *limit }
            }
            Op::Erase => Call::Erase,
            Op::Repeat => return Ok(self.last.clone().unwrap_or((actor, Call::Audit))),
            Op::Audit => Call::Audit,
        };
        Ok((actor, call))
    }

    /// Takes note of what the specification answered.
    pub(super) fn learn(&mut self, actor: usize, call: Call, answer: &Answer) {
        match (&call, answer) {
            (Call::Create(_), Answer::Conversation(_)) => {
                self.chats.push(Known { owner: actor, alive: true, count: 0 });
            }
            (Call::Delete(Chat::Known(chat), _), Answer::Deleted) => {
                self.chats[*chat].alive = false
            }
            (
                Call::Append(Chat::Known(chat), _),
                Answer::Appended { messages, replayed: false },
            ) => {
                self.chats[*chat].count += messages.len() as u32;
            }
            (Call::Erase, Answer::Erased(_)) => {
                let erased = self.chats.iter_mut().filter(|chat| chat.owner == actor);
                erased.for_each(|chat| chat.alive = false);
            }
            (Call::List { archived, .. }, Answer::Conversations(page)) => {
                let archived = *archived;
                self.learn_places(page, || Listing::Conversations { owner: actor, archived });
            }
            (Call::Messages { chat, .. }, Answer::Messages(page)) => {
                self.learn_places(page, || Listing::Messages { owner: actor, chat: *chat });
            }
            _ => {}
        }
        self.last = Some((actor, call));
    }

    /// Whether the actor has the conversation that the call names, or the call names none.
    pub(super) fn permits(&self, actor: usize, call: &Call) -> bool {
        match call.chat() {
            None => true,
            Some(Chat::Never(_)) => false,
            Some(Chat::Known(chat)) => {
                self.chats.get(chat).is_some_and(|chat| chat.alive && chat.owner == actor)
            }
        }
    }

    fn learn_places<T>(&mut self, page: &PageView<T>, listing: impl Fn() -> Listing) {
        let cursors = usize::from(page.previous) + usize::from(page.next);
        self.places.extend(std::iter::repeat_with(listing).take(cursors));
    }

    fn chat(&self, actor: usize, pick: &Pick) -> Chat {
        let found = match pick {
            Pick::Own(index) => self.find(index, |chat| chat.alive && chat.owner == actor),
            Pick::Foreign(index) => self.find(index, |chat| chat.alive && chat.owner != actor),
            Pick::Deleted(index) => self.find(index, |chat| !chat.alive),
            Pick::Never(id) => return Chat::Never(*id),
        };
        found.map_or(Chat::Never(i64::MAX - 1), Chat::Known)
    }

    fn find(&self, index: &Index, fits: impl Fn(&Known) -> bool) -> Option<usize> {
        choose(index, (0..self.chats.len()).filter(|&chat| fits(&self.chats[chat])))
    }

    fn count(&self, chat: Chat) -> u32 {
        match chat {
            Chat::Known(chat) => self.chats[chat].count,
            Chat::Never(_) => 0,
        }
    }

    fn start(&self, actor: usize, chat: Chat, from: &From) -> Start {
        match from {
            From::First => Start::First,
            From::Last => Start::Last,
            From::Before(position) => Start::Before(*position),
            From::After(position) => Start::After(*position),
            From::At(place) => {
                let place = self.place(&Listing::Messages { owner: actor, chat }, place);
                place.map_or(Start::Last, Start::At)
            }
        }
    }

    fn place(&self, listing: &Listing, place: &Place) -> Option<usize> {
        let all = 0..self.places.len();
        match place {
            Place::Matching(index) => choose(index, all.filter(|&at| self.places[at] == *listing)),
            Place::Any(index) => choose(index, all),
        }
    }
}

fn choose(index: &Index, all: impl Iterator<Item = usize>) -> Option<usize> {
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| *index.get(&all))
}

fn created(
    title: Option<&'static str>,
    session: Option<&'static str>,
    metadata: &str,
) -> Result<NewConversation> {
    let mut new = NewConversation::new().with_metadata(parsed(metadata)?);
    if let Some(title) = title {
        new = new.with_title(title)?;
    }
    if let Some(session) = session {
        new = new.with_session(SessionId::new(session)?);
    }
    Ok(new)
}

fn updated(update: &Update) -> Result<ConversationUpdate> {
    let mut changes = ConversationUpdate::new();
    changes = match update.title {
        None => changes,
        Some(None) => changes.without_title(),
        Some(Some(title)) => changes.with_title(title)?,
    };
    changes.archived = update.archived;
    changes.metadata = update.metadata.map(parsed).transpose()?;
    Ok(changes)
}

fn appended(append: &Append, count: u32) -> Result<Turn> {
    let mut messages = Vec::new();
    for said in &append.messages {
        let message = NewMessage::new(said.role, said.content.as_str());
        messages.push(message.with_metadata(parsed(said.metadata)?));
    }
    let mut turn = Turn::new(messages)?;
    if let Some(key) = append.key {
        turn = turn.with_key(TurnKey::new(key)?);
    }
    if let Some(off) = append.expected {
        turn = turn.with_expected_count(count.saturating_add_signed(off));
    }
    Ok(turn)
}

fn parsed(metadata: &str) -> Result<Metadata> {
    Metadata::new(serde_json::from_str::<serde_json::Value>(metadata).unwrap_or_default())
}
