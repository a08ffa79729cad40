//! Our stores, through the trait.

use std::sync::Arc;

use futures_util::TryStreamExt;
use scrollback::{
    Connect, ConversationId, ConversationQuery, ConversationStore, ConversationStoreExt, Limit,
    Message, MessageQuery, Metadata, NewMessage, Pool, Position, Role, SeaOrmStore, Turn, UserId,
};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::{
    contender::{Contender, LISTED, Page, Result, Shown, ShownChat},
    data::{Body, Chat},
    op::CONNECTIONS,
};

/// Any store.
pub(crate) struct Ours<S>(pub(crate) S);

/// PostgreSQL over a pool that a host has opened with SeaORM's own settings.
pub(crate) async fn over_pool_of_host(url: &str) -> Result<Ours<SeaOrmStore<DatabaseConnection>>> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(CONNECTIONS as u32);
    Ok(Ours(SeaOrmStore::new(Database::connect(options).await?)))
}

/// Our store over the fastest connection that this crate opens.
pub(crate) type Fastest = Ours<SeaOrmStore>;

/// PostgreSQL over that connection.
pub(crate) async fn fastest(url: &str) -> Result<Fastest> {
    let connect = Connect::new(url)?.with_max_connections(CONNECTIONS as u32);
    Ok(Ours(SeaOrmStore::new(Pool::open(connect).await?)))
}

impl<S: ConversationStore> Contender for Ours<S> {
    type Message = Message;
    type Stored = Message;
    type Chat = scrollback::Conversation;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        let limit = Limit::new(page.limit)?;
        let query = match page.before.and_then(Position::new) {
            Some(position) => MessageQuery::before(position, limit),
            None => MessageQuery::last(limit),
        };
        let (owner, id) = names(chat);
        Ok(self.0.messages(owner, id, query).await?.items)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Message>> {
        let (owner, id) = names(chat);
        Ok(self.0.append(owner, id, of(turn)?).await?.messages)
    }

    async fn list(&self, owner: i64) -> Result<Vec<Self::Chat>> {
        let query = ConversationQuery::new(Limit::new(LISTED)?);
        Ok(self.0.list(UserId::new(owner), query).await?.items)
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        let (owner, id) = names(chat);
        Ok(self.0.walk_messages(owner, id).try_collect().await?)
    }
}

const fn names(chat: &Chat) -> (UserId, ConversationId) {
    (UserId::new(chat.owner), ConversationId::new(chat.id))
}

/// As a host makes a turn of texts.
pub(crate) fn of(turn: &[Body<'_>]) -> Result<Turn> {
    let messages = turn.iter().map(message).collect::<scrollback::Result<Vec<_>>>()?;
    Ok(Turn::new(messages)?)
}

fn message(body: &Body<'_>) -> scrollback::Result<NewMessage> {
    let new = NewMessage::new(body.role.parse::<Role>()?, body.content);
    // The drivers send the text as it is, too.
    Ok(new.with_metadata(Metadata::from_stored(body.metadata.map(Arc::from))))
}

impl From<Message> for Shown {
    fn from(message: Message) -> Self {
        Self {
            id: Some(message.id.get()),
            position: Some(message.position.get()),
            role: message.role.as_str().to_owned(),
            content: message.content.to_string(),
            metadata: (!message.metadata.is_empty()).then(|| message.metadata.to_value()),
            created_at: Some(message.created_at),
        }
    }
}

impl From<scrollback::Conversation> for ShownChat {
    fn from(chat: scrollback::Conversation) -> Self {
        Self { id: chat.id.get(), messages: chat.message_count }
    }
}
