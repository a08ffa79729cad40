//! tokio-postgres through deadpool: our statements, prepared, and rows decoded by hand.

use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::{NoTls, Row, types::Type};

use super::row::{Chat as ChatRow, Message, Stored};
use crate::{
    contender::{Contender, LISTED, Page, Result, WALK_PAGE, not_found},
    data::{Body, Chat},
    op::CONNECTIONS,
    statements::Statements,
};

pub(crate) struct Raw {
    pool: Pool,
    statements: Statements,
}

const MESSAGES: [Type; 5] = [Type::INT8, Type::INT8, Type::INT8, Type::INT8, Type::INT8];
const APPEND: [Type; 7] = [
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::INT4,
    Type::TEXT_ARRAY,
    Type::TEXT_ARRAY,
    Type::TEXT_ARRAY,
];
const LIST: [Type; 5] = [Type::INT8, Type::BOOL, Type::TIMESTAMPTZ, Type::INT8, Type::INT8];

impl Raw {
    pub(crate) fn open(url: &str, statements: Statements) -> Result<Self> {
        let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(url.parse()?, NoTls, settings);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build()?;
        Ok(Self { pool, statements })
    }

    /// A window of positions, with the count of the whole conversation.
    async fn window(
        &self,
        client: &Object,
        chat: &Chat,
        after: Option<i64>,
        up_to: Option<i64>,
        rows: u32,
    ) -> Result<(i32, Vec<Message>)> {
        let text = self.statements.messages;
        let statement = client.prepare_typed_cached(text, &MESSAGES).await?;
        let rows = i64::from(rows);
        let found =
            client.query(&statement, &[&chat.owner, &chat.id, &after, &up_to, &rows]).await?;
        let count = found.first().ok_or_else(not_found)?.try_get(0)?;
        let messages = found.iter().filter_map(|row| message(row).transpose());
        Ok((count, messages.collect::<Result<_>>()?))
    }
}

impl Contender for Raw {
    type Message = Message;
    type Stored = Stored;
    type Chat = ChatRow;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        let client = self.pool.get().await?;
        let up_to = page.before.map(|before| i64::from(before) - 1);
        Ok(self.window(&client, chat, None, up_to, page.limit).await?.1)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        let client = self.pool.get().await?;
        let statement = client.prepare_typed_cached(self.statements.append, &APPEND).await?;
        let roles: Vec<_> = turn.iter().map(|body| body.role).collect();
        let contents: Vec<_> = turn.iter().map(|body| body.content).collect();
        let metadata: Vec<_> = turn.iter().map(|body| body.metadata.unwrap_or("")).collect();
        let (key, expected) = (None::<&str>, None::<i32>);
        let rows = client
            .query(
                &statement,
                &[&chat.owner, &chat.id, &key, &expected, &roles, &contents, &metadata],
            )
            .await?;
        let stored = rows.iter().map(stored).collect::<Result<Vec<_>>>()?;
        if stored.is_empty() { Err(not_found()) } else { Ok(stored) }
    }

    async fn list(&self, owner: i64) -> Result<Vec<ChatRow>> {
        let client = self.pool.get().await?;
        let statement = client.prepare_typed_cached(self.statements.list, &LIST).await?;
        let (time, id) = (None::<DateTime<Utc>>, None::<i64>);
        // One more shows whether there is another page.
        let rows = i64::from(LISTED) + 1;
        let rows = client.query(&statement, &[&owner, &false, &time, &id, &rows]).await?;
        rows.iter().take(LISTED as usize).map(chat_of).collect()
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        let mut all = Vec::new();
        loop {
            // As in a walk that others read along: the connection is free between two pages.
            let client = self.pool.get().await?;
            let after = Some(all.len() as i64);
            let (count, page) = self.window(&client, chat, after, None, WALK_PAGE).await?;
            all.extend(page);
            if all.len() as i64 >= i64::from(count) {
                return Ok(all);
            }
        }
    }
}

/// A row of nulls is an empty conversation.
fn message(row: &Row) -> Result<Option<Message>> {
    let Some(id) = row.try_get(1)? else { return Ok(None) };
    Ok(Some(Message {
        id,
        position: row.try_get(2)?,
        role: row.try_get::<_, &str>(3)?.parse()?,
        content: row.try_get(4)?,
        metadata: row.try_get(5)?,
        key: row.try_get(6)?,
        created_at: row.try_get(7)?,
    }))
}

fn stored(row: &Row) -> Result<Stored> {
    Ok(Stored { id: row.try_get(0)?, position: row.try_get(1)?, created_at: row.try_get(2)? })
}

fn chat_of(row: &Row) -> Result<ChatRow> {
    Ok(ChatRow {
        id: row.try_get(0)?,
        session: row.try_get(1)?,
        title: row.try_get(2)?,
        metadata: row.try_get(3)?,
        messages: row.try_get(4)?,
        archived: row.try_get(5)?,
        created_at: row.try_get(6)?,
        updated_at: row.try_get(7)?,
    })
}
