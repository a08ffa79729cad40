//! sqlx over its own pool with its own settings: our statements, and rows decoded by hand.

use chrono::{DateTime, Utc};
use sqlx::{
    PgPool, Row,
    postgres::{PgPoolOptions, PgRow},
};

use super::row::{Chat as ChatRow, Message, Stored};
use crate::{
    contender::{Contender, LISTED, Page, Result, WALK_PAGE, not_found},
    data::{Body, Chat},
    op::CONNECTIONS,
    statements::Statements,
};

pub(crate) struct Sqlx {
    pool: PgPool,
    statements: Statements,
}

impl Sqlx {
    pub(crate) async fn open(url: &str, statements: Statements) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS as u32).connect(url).await?;
        Ok(Self { pool, statements })
    }

    /// A window of positions, with the count of the whole conversation.
    async fn window(
        &self,
        chat: &Chat,
        after: Option<i64>,
        up_to: Option<i64>,
        rows: u32,
    ) -> Result<(i32, Vec<Message>)> {
        let query = sqlx::query(self.statements.messages);
        let query = query.bind(chat.owner).bind(chat.id).bind(after).bind(up_to);
        let found = query.bind(i64::from(rows)).fetch_all(&self.pool).await?;
        let count = found.first().ok_or_else(not_found)?.try_get(0)?;
        let messages = found.iter().filter_map(|row| message(row).transpose());
        Ok((count, messages.collect::<Result<_>>()?))
    }
}

impl Contender for Sqlx {
    type Message = Message;
    type Stored = Stored;
    type Chat = ChatRow;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        let up_to = page.before.map(|before| i64::from(before) - 1);
        Ok(self.window(chat, None, up_to, page.limit).await?.1)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        let roles: Vec<_> = turn.iter().map(|body| body.role).collect();
        let contents: Vec<_> = turn.iter().map(|body| body.content).collect();
        let metadata: Vec<_> = turn.iter().map(|body| body.metadata.unwrap_or("")).collect();
        let query = sqlx::query(self.statements.append).bind(chat.owner).bind(chat.id);
        let query = query.bind(None::<&str>).bind(None::<i32>);
        let query = query.bind(roles).bind(contents).bind(metadata);
        let rows = query.fetch_all(&self.pool).await?;
        let stored = rows.iter().map(stored).collect::<Result<Vec<_>>>()?;
        if stored.is_empty() { Err(not_found()) } else { Ok(stored) }
    }

    async fn list(&self, owner: i64) -> Result<Vec<ChatRow>> {
        let query = sqlx::query(self.statements.list).bind(owner).bind(false);
        let query = query.bind(None::<DateTime<Utc>>).bind(None::<i64>);
        // One more shows whether there is another page.
        let rows = query.bind(i64::from(LISTED) + 1).fetch_all(&self.pool).await?;
        rows.iter().take(LISTED as usize).map(chat_of).collect()
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        let mut all = Vec::new();
        loop {
            let (count, page) = self.window(chat, Some(all.len() as i64), None, WALK_PAGE).await?;
            all.extend(page);
            if all.len() as i64 >= i64::from(count) {
                return Ok(all);
            }
        }
    }
}

/// A row of nulls is an empty conversation.
fn message(row: &PgRow) -> Result<Option<Message>> {
    let Some(id) = row.try_get(1)? else { return Ok(None) };
    Ok(Some(Message {
        id,
        position: row.try_get(2)?,
        role: row.try_get::<&str, _>(3)?.parse()?,
        content: row.try_get(4)?,
        metadata: row.try_get(5)?,
        key: row.try_get(6)?,
        created_at: row.try_get(7)?,
    }))
}

fn stored(row: &PgRow) -> Result<Stored> {
    Ok(Stored { id: row.try_get(0)?, position: row.try_get(1)?, created_at: row.try_get(2)? })
}

fn chat_of(row: &PgRow) -> Result<ChatRow> {
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
