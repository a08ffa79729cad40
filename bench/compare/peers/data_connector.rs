//! The crate `data-connector`: conversations and items in tables of its own, through its public API.
//!
//! Each operation is what its own gateway does: the conversation is read and its tenant compared, then
//! items are listed, or created and linked. In its tables the seeded data is the same.

use std::sync::Arc;

use data_connector::{
    AddedAtSequence, ConversationId, ConversationItem, ConversationItemId, HistoryBackend,
    ListParams, NewConversationItem, PostgresConfig, SortOrder, StorageBundle,
    StorageFactoryConfig, create_storage,
};
use serde_json::{Value, json};

use crate::{
    contender::{Contender, Page, Result, Shown, ShownChat, WALK_PAGE, not_found},
    data::{Body, Chat},
    op::{CONNECTIONS, Op},
    seed::{conversation_name, item_name},
};

pub(crate) struct DataConnector {
    storage: StorageBundle,
}

impl DataConnector {
    /// Opens the database, creating the tables where there are none.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let postgres = PostgresConfig {
            db_url: url.to_owned(),
            pool_max: CONNECTIONS,
            op_timeout_secs: PostgresConfig::default_op_timeout_secs(),
            schema: None,
        };
        let storage = create_storage(StorageFactoryConfig {
            backend: &HistoryBackend::Postgres,
            oracle: None,
            postgres: Some(&postgres),
            redis: None,
            memory: None,
            hook: None,
        });
        Ok(Self { storage: storage.await? })
    }

    async fn owned(&self, chat: &Chat) -> Result<ConversationId> {
        let id = ConversationId(conversation_name(chat.id));
        let found = self.storage.conversation_storage.get_conversation(&id).await?;
        let tenant = chat.owner.to_string();
        match found {
            Some(conversation) if conversation.is_visible_to(Some(&tenant)) => Ok(id),
            _ => Err(not_found()),
        }
    }

    async fn items(
        &self,
        id: &ConversationId,
        order: SortOrder,
        limit: u32,
        after: Option<String>,
    ) -> Result<Vec<ConversationItem>> {
        let params = ListParams { limit: limit as usize, order, after };
        Ok(self.storage.conversation_item_storage.list_items(id, params).await?)
    }
}

impl Contender for DataConnector {
    type Message = ConversationItem;
    type Stored = ConversationItem;
    type Chat = ShownChat;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<ConversationItem>> {
        let id = self.owned(chat).await?;
        let after = page.before.map(|before| item_name(chat.message(before)));
        let mut items = self.items(&id, SortOrder::Desc, page.limit, after).await?;
        items.reverse();
        Ok(items)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<ConversationItem>> {
        let id = self.owned(chat).await?;
        let items = Arc::clone(&self.storage.conversation_item_storage);
        let mut times = AddedAtSequence::new();
        let (mut stored, mut links) = (Vec::new(), Vec::new());
        for body in turn {
            let item = items.create_item(new(chat, body)).await?;
            links.push((item.id.clone(), times.next_added_at()));
            stored.push(item);
        }
        items.link_items(&id, &links).await?;
        Ok(stored)
    }

    async fn list(&self, _owner: i64) -> Result<Vec<ShownChat>> {
        Err(NO_LISTING.into())
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<ConversationItem>> {
        let id = self.owned(chat).await?;
        let mut all: Vec<ConversationItem> = Vec::new();
        loop {
            let after = all.last().map(|last| last.id.0.clone());
            let page = self.items(&id, SortOrder::Asc, WALK_PAGE, after).await?;
            let full = page.len() == WALK_PAGE as usize;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    fn lacks(&self, op: Op) -> Option<&'static str> {
        (op == Op::List).then_some(NO_LISTING)
    }
}

const NO_LISTING: &str = "has no listing of a tenant's conversations";

fn new(chat: &Chat, body: &Body<'_>) -> NewConversationItem {
    NewConversationItem {
        id: None::<ConversationItemId>,
        response_id: None,
        item_type: "message".to_owned(),
        role: Some(body.role.to_owned()),
        content: json!([{ "type": kind(body.role), "text": body.content }]),
        status: Some("completed".to_owned()),
        tenant: Some(chat.owner.to_string()),
    }
}

/// What its API calls the text of a message.
fn kind(role: &str) -> &'static str {
    if role == "assistant" { "output_text" } else { "input_text" }
}

impl From<ConversationItem> for Shown {
    fn from(item: ConversationItem) -> Self {
        let text = item.content.pointer("/0/text").and_then(Value::as_str);
        Self {
            id: None,
            position: None,
            role: item.role.unwrap_or_default(),
            content: text.unwrap_or_default().to_owned(),
            metadata: None,
            created_at: None,
        }
    }
}
