//! SeaORM as its book shows it: entities, active models, a transaction, its own pool.

mod conversation;
mod message;

use chrono::{SubsecRound, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectOptions, Database, DatabaseConnection,
    DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    TransactionTrait,
};

use crate::{
    contender::{Contender, LISTED, Page, Result, WALK_PAGE, not_found},
    data::{Body, Chat},
    op::CONNECTIONS,
};

pub(crate) struct Entities {
    connection: DatabaseConnection,
}

impl Entities {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(CONNECTIONS as u32);
        Ok(Self { connection: Database::connect(options).await? })
    }

    async fn owned(&self, chat: &Chat) -> Result<conversation::Model> {
        let found = conversation::Entity::find_by_id((chat.owner, chat.id));
        found.one(&self.connection).await?.ok_or_else(not_found)
    }
}

impl Contender for Entities {
    type Message = message::Model;
    type Stored = message::Model;
    type Chat = conversation::Model;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<message::Model>> {
        self.owned(chat).await?;
        let mut select = of(chat).order_by_desc(message::Column::Position);
        if let Some(before) = page.before {
            select = select.filter(message::Column::Position.lt(i64::from(before)));
        }
        let mut messages = select.limit(u64::from(page.limit)).all(&self.connection).await?;
        messages.reverse();
        Ok(messages)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<message::Model>> {
        let transaction = self.connection.begin().await?;
        // Locked, so that two writers do not take the same position.
        let found = conversation::Entity::find_by_id((chat.owner, chat.id)).lock_exclusive();
        let owned = found.one(&transaction).await?.ok_or_else(not_found)?;
        let mut stored = Vec::with_capacity(turn.len());
        for (index, body) in (1..).zip(turn) {
            stored.push(insert(&transaction, &owned, index, body).await?);
        }
        let mut changed = owned.clone().into_active_model();
        changed.message_count = Set(owned.message_count + turn.len() as i32);
        changed.updated_at = Set(Utc::now().trunc_subsecs(6));
        changed.update(&transaction).await?;
        transaction.commit().await?;
        Ok(stored)
    }

    async fn list(&self, owner: i64) -> Result<Vec<conversation::Model>> {
        let select = conversation::Entity::find()
            .filter(conversation::Column::UserId.eq(owner))
            .filter(conversation::Column::Archived.eq(false))
            .order_by_desc(conversation::Column::UpdatedAt)
            .order_by_desc(conversation::Column::Id);
        Ok(select.limit(u64::from(LISTED)).all(&self.connection).await?)
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<message::Model>> {
        self.owned(chat).await?;
        let mut all: Vec<message::Model> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last.position);
            let page = of(chat)
                .filter(message::Column::Position.gt(after))
                .order_by_asc(message::Column::Position)
                .limit(u64::from(WALK_PAGE))
                .all(&self.connection)
                .await?;
            let full = page.len() == WALK_PAGE as usize;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }
}

fn of(chat: &Chat) -> sea_orm::Select<message::Entity> {
    message::Entity::find()
        .filter(message::Column::UserId.eq(chat.owner))
        .filter(message::Column::ConversationId.eq(chat.id))
}

async fn insert(
    transaction: &DatabaseTransaction,
    owned: &conversation::Model,
    index: i16,
    body: &Body<'_>,
) -> Result<message::Model> {
    let new = message::ActiveModel {
        user_id: Set(owned.user_id),
        conversation_id: Set(owned.id),
        created_at: Set(Utc::now().trunc_subsecs(6)),
        position: Set(owned.message_count + i32::from(index)),
        turn_index: Set(index),
        role: Set(body.role.to_owned()),
        turn_key: Set(None),
        content: Set(body.content.to_owned()),
        metadata: Set(body.metadata.map(serde_json::from_str).transpose()?),
        ..Default::default()
    };
    Ok(new.insert(transaction).await?)
}
