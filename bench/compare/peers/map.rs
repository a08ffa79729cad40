//! The dictionary that a chat server starts with: one lock, owned strings.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{SubsecRound, Utc};

use super::row::{Message, Stored};
use crate::{
    contender::{Contender, Page, Result, ShownChat, not_found},
    data::{Body, Chat},
    op::Op,
};

#[derive(Default)]
pub(crate) struct Map {
    chats: RwLock<HashMap<String, Vec<Message>>>,
    last: AtomicI64,
}

impl Map {
    /// Stores what is there before anything is measured.
    pub(crate) fn seed(&self, chat: &Chat, bodies: &[Body<'_>]) -> Result<()> {
        let mut chats = self.chats.write().unwrap_or_else(PoisonError::into_inner);
        chats.entry(name(chat)).or_default();
        drop(chats);
        self.add(chat, bodies).map(|_| ())
    }

    fn add(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        let mut chats = self.chats.write().unwrap_or_else(PoisonError::into_inner);
        let messages = chats.get_mut(&name(chat)).ok_or_else(not_found)?;
        let mut stored = Vec::with_capacity(turn.len());
        for body in turn {
            let message = self.message(messages.len() as i32 + 1, body)?;
            let Message { id, position, created_at, .. } = message;
            stored.push(Stored { id, position, created_at });
            messages.push(message);
        }
        Ok(stored)
    }

    fn message(&self, position: i32, body: &Body<'_>) -> Result<Message> {
        Ok(Message {
            id: self.last.fetch_add(1, Ordering::Relaxed) + 1,
            position,
            role: body.role.parse()?,
            content: body.content.to_owned(),
            metadata: body.metadata.map(str::to_owned),
            key: None,
            created_at: Utc::now().trunc_subsecs(6),
        })
    }

    fn read(&self, chat: &Chat, range: impl Fn(usize) -> (usize, usize)) -> Result<Vec<Message>> {
        let chats = self.chats.read().unwrap_or_else(PoisonError::into_inner);
        let messages = chats.get(&name(chat)).ok_or_else(not_found)?;
        let (start, end) = range(messages.len());
        Ok(messages[start..end].to_vec())
    }
}

impl Contender for Map {
    type Message = Message;
    type Stored = Stored;
    type Chat = ShownChat;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        self.read(chat, |count| {
            let end = page.before.map_or(count, |before| (before as usize - 1).min(count));
            (end.saturating_sub(page.limit as usize), end)
        })
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        self.add(chat, turn)
    }

    async fn list(&self, _owner: i64) -> Result<Vec<ShownChat>> {
        Err(NO_LISTING.into())
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        self.read(chat, |count| (0, count))
    }

    fn lacks(&self, op: Op) -> Option<&'static str> {
        (op == Op::List).then_some(NO_LISTING)
    }
}

const NO_LISTING: &str = "a dictionary has no order of activity";

/// Its key holds the owner, so that nobody reads what is another's.
fn name(chat: &Chat) -> String {
    format!("{}/{}", chat.owner, chat.id)
}
