//! One of the stores that run side by side: makes the calls and normalises the answers.

use std::sync::Arc;

use scrollback::{
    ConversationQuery, ConversationStore, Limit, MessageQuery, Position, Result, UserId,
};

use super::{
    answer::Answer,
    audit,
    call::{Call, Chat, Start},
    names::Names,
};

/// A store, the three owners that the sequence plays on it, and their symbols.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) name: &'static str,
    /// Looking closely costs nothing there.
    pub(super) in_memory: bool,
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) names: Names,
}

impl Side {
    pub(super) fn new(
        name: &'static str,
        store: Arc<dyn ConversationStore>,
        owners: [UserId; 3],
    ) -> Self {
        let in_memory = !name.contains("sql") && !name.contains("postgres");
        Self { name, in_memory, store, names: Names::new(owners) }
    }

    pub(super) async fn answer(&mut self, actor: usize, call: Call) -> Answer {
        match self.call(actor, call).await {
            Ok(answer) => answer,
            Err(error) => error.into(),
        }
    }

    async fn call(&mut self, actor: usize, call: Call) -> Result<Answer> {
        let (owner, names) = (self.names.owners[actor], &mut self.names);
        let conversation = match call {
            Call::Create(new) => self.store.create(owner, new).await?,
            Call::Get(chat) => self.store.get(owner, names.id(chat)).await?,
            Call::FindSession(session) => self.store.find_session(owner, &session).await?,
            Call::Update(chat, mut update, expected) => {
                update.expected_version = names.version(chat, expected);
                self.store.update(owner, names.id(chat), update).await?
            }
            Call::Delete(chat, expected) => {
                let expected = names.version(chat, expected);
                self.store.delete(owner, names.id(chat), expected).await?;
                return Ok(Answer::Deleted);
            }
            Call::Append(chat, turn) => {
                let appended = self.store.append(owner, names.id(chat), turn).await?;
                let messages = appended.messages.iter().map(|it| names.message(it)).collect();
                return Ok(Answer::Appended { messages, replayed: appended.replayed });
            }
            Call::List { archived, limit, at } => {
                return self.list(owner, archived, limit, at).await;
            }
            Call::Messages { chat, start, limit } => {
                return self.messages(owner, chat, start, limit).await;
            }
            Call::Erase => return Ok(Answer::Erased(self.store.erase(owner).await?)),
            Call::Audit => return Ok(Answer::Everything(audit::everyone(self).await?)),
        };
        Ok(Answer::Conversation(names.conversation(&conversation)))
    }

    async fn list(
        &mut self,
        owner: UserId,
        archived: bool,
        limit: u32,
        at: Option<usize>,
    ) -> Result<Answer> {
        let mut query = listing(archived, Limit::new(limit)?);
        if let Some(place) = at {
            query = query.at(self.names.cursor(place));
        }
        let page = self.store.list(owner, query).await?;
        let items = page.items.iter().map(|it| self.names.conversation(it)).collect();
        Ok(Answer::Conversations(self.names.page(&page, items)))
    }

    async fn messages(
        &mut self,
        owner: UserId,
        chat: Chat,
        start: Start,
        limit: u32,
    ) -> Result<Answer> {
        let limit = Limit::new(limit)?;
        let position = |n| Position::new(n).unwrap_or(Position::FIRST);
        let query = match start {
            Start::First => MessageQuery::first(limit),
            Start::Last => MessageQuery::last(limit),
            Start::Before(n) => MessageQuery::before(position(n), limit),
            Start::After(n) => MessageQuery::after(position(n), limit),
            Start::At(place) => MessageQuery::at(self.names.cursor(place), limit),
        };
        let page = self.store.messages(owner, self.names.id(chat), query).await?;
        let items = page.items.iter().map(|it| self.names.message(it)).collect();
        Ok(Answer::Messages(self.names.page(&page, items)))
    }
}

pub(super) const fn listing(archived: bool, limit: Limit) -> ConversationQuery {
    let query = ConversationQuery::new(limit);
    if archived { query.archived() } else { query }
}
