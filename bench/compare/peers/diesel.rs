//! diesel-async over its deadpool with its own settings: our statements, prepared.
//!
//! `sql_query` prepares at every call, and the query builder has no words for these statements; so
//! they are query fragments, which diesel keeps prepared.

use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};

use super::row::{Chat as ChatRow, Message, Stored};
use crate::{
    contender::{BoxError, Contender, LISTED, Page, Result, WALK_PAGE, not_found},
    data::{Body, Chat},
    op::CONNECTIONS,
    statements::Statements,
};

pub(crate) struct Diesel {
    pool: Pool<AsyncPgConnection>,
    statements: Statements,
}

impl Diesel {
    pub(crate) fn open(url: &str, statements: Statements) -> Result<Self> {
        let manager = AsyncDieselConnectionManager::new(url);
        Ok(Self { pool: Pool::builder(manager).max_size(CONNECTIONS).build()?, statements })
    }

    /// A window of positions, with the count of the whole conversation.
    async fn window(
        &self,
        chat: &Chat,
        after: Option<i64>,
        up_to: Option<i64>,
        rows: u32,
    ) -> Result<(i32, Vec<Message>)> {
        let sql = self.statements.messages;
        let query =
            Window { sql, owner: chat.owner, id: chat.id, after, up_to, rows: i64::from(rows) };
        let found: Vec<MessageRow> = query.load(&mut self.pool.get().await?).await?;
        let [(count, ..), ..] = found[..] else { return Err(not_found()) };
        let messages = found.into_iter().filter_map(|row| message(row).transpose());
        Ok((count, messages.collect::<Result<_>>()?))
    }
}

impl Contender for Diesel {
    type Message = Message;
    type Stored = Stored;
    type Chat = ChatRow;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        let up_to = page.before.map(|before| i64::from(before) - 1);
        Ok(self.window(chat, None, up_to, page.limit).await?.1)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        let query = Append {
            sql: self.statements.append,
            owner: chat.owner,
            id: chat.id,
            roles: turn.iter().map(|body| body.role).collect(),
            contents: turn.iter().map(|body| body.content).collect(),
            metadata: turn.iter().map(|body| body.metadata.unwrap_or("")).collect(),
        };
        let rows: Vec<(i64, i32, DateTime<Utc>)> = query.load(&mut self.pool.get().await?).await?;
        let stored = rows.into_iter();
        let stored: Vec<_> =
            stored.map(|(id, position, created_at)| Stored { id, position, created_at }).collect();
        if stored.is_empty() { Err(not_found()) } else { Ok(stored) }
    }

    async fn list(&self, owner: i64) -> Result<Vec<ChatRow>> {
        // One more shows whether there is another page.
        let query = List { sql: self.statements.list, owner, rows: i64::from(LISTED) + 1 };
        let rows: Vec<ListRow> = query.load(&mut self.pool.get().await?).await?;
        Ok(rows.into_iter().take(LISTED as usize).map(chat_of).collect())
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

#[derive(QueryId)]
struct Window {
    sql: &'static str,
    owner: i64,
    id: i64,
    after: Option<i64>,
    up_to: Option<i64>,
    rows: i64,
}

impl Query for Window {
    type SqlType = (
        Integer,
        Nullable<BigInt>,
        Nullable<Integer>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
    );
}

type MessageRow = (
    i32,
    Option<i64>,
    Option<i32>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
);

impl QueryFragment<Pg> for Window {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.sql);
        out.push_bind_param_value_only::<BigInt, _>(&self.owner)?;
        out.push_bind_param_value_only::<BigInt, _>(&self.id)?;
        out.push_bind_param_value_only::<Nullable<BigInt>, _>(&self.after)?;
        out.push_bind_param_value_only::<Nullable<BigInt>, _>(&self.up_to)?;
        out.push_bind_param_value_only::<BigInt, _>(&self.rows)
    }
}

struct Append<'a> {
    sql: &'static str,
    owner: i64,
    id: i64,
    roles: Vec<&'a str>,
    contents: Vec<&'a str>,
    metadata: Vec<&'a str>,
}

impl QueryId for Append<'_> {
    type QueryId = Append<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Append<'_> {
    type SqlType = (BigInt, Integer, Timestamptz);
}

impl QueryFragment<Pg> for Append<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.sql);
        out.push_bind_param_value_only::<BigInt, _>(&self.owner)?;
        out.push_bind_param_value_only::<BigInt, _>(&self.id)?;
        out.push_bind_param_value_only::<Nullable<Text>, _>(&None::<&'static str>)?;
        out.push_bind_param_value_only::<Nullable<Integer>, _>(&None::<i32>)?;
        out.push_bind_param_value_only::<Array<Text>, _>(&self.roles)?;
        out.push_bind_param_value_only::<Array<Text>, _>(&self.contents)?;
        out.push_bind_param_value_only::<Array<Text>, _>(&self.metadata)
    }
}

#[derive(QueryId)]
struct List {
    sql: &'static str,
    owner: i64,
    rows: i64,
}

impl Query for List {
    type SqlType = (
        BigInt,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Integer,
        Bool,
        Timestamptz,
        Timestamptz,
    );
}

type ListRow =
    (i64, Option<String>, Option<String>, Option<String>, i32, bool, DateTime<Utc>, DateTime<Utc>);

impl QueryFragment<Pg> for List {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.sql);
        out.push_bind_param_value_only::<BigInt, _>(&self.owner)?;
        out.push_bind_param_value_only::<Bool, _>(&false)?;
        out.push_bind_param_value_only::<Nullable<Timestamptz>, _>(&None::<DateTime<Utc>>)?;
        out.push_bind_param_value_only::<Nullable<BigInt>, _>(&None::<i64>)?;
        out.push_bind_param_value_only::<BigInt, _>(&self.rows)
    }
}

/// A row of nulls is an empty conversation.
fn message(row: MessageRow) -> Result<Option<Message>> {
    let (_, Some(id), position, role, content, metadata, key, created_at) = row else {
        return Ok(None);
    };
    let null = || BoxError::from("a message without one of its values");
    Ok(Some(Message {
        id,
        position: position.ok_or_else(null)?,
        role: role.ok_or_else(null)?.parse()?,
        content: content.ok_or_else(null)?,
        metadata,
        key,
        created_at: created_at.ok_or_else(null)?,
    }))
}

fn chat_of(row: ListRow) -> ChatRow {
    let (id, session, title, metadata, messages, archived, created_at, updated_at) = row;
    ChatRow { id, session, title, metadata, messages, archived, created_at, updated_at }
}
