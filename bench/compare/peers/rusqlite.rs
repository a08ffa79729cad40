//! SQLite by hand: rusqlite on the caller's thread, statements prepared once, one connection.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, SubsecRound, Utc};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::row::{Chat as ChatRow, Message, Stored};
use crate::{
    contender::{Contender, LISTED, Page, Result, not_found},
    data::{Body, Chat},
};

pub(crate) struct Rusqlite {
    connection: Mutex<Connection>,
}

const OWNED: &str =
    "SELECT message_count, updated_at FROM conversations WHERE user_id = ?1 AND id = ?2";

const PAGE: &str = "\
SELECT id, position, role, content, metadata, turn_key, created_at FROM messages
WHERE user_id = ?1 AND conversation_id = ?2 AND position > ?3 AND position <= ?4
ORDER BY position";

const INSERT: &str = "\
INSERT INTO messages
  (user_id, conversation_id, position, turn_index, role, content, metadata, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const LIST: &str = "\
SELECT id, session_id, title, metadata, message_count, archived, created_at, updated_at
FROM conversations WHERE user_id = ?1 AND archived = 0
ORDER BY updated_at DESC, id DESC LIMIT ?2";

impl Rusqlite {
    /// Opens the file with the settings that our store gives its own connection.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.busy_timeout(std::time::Duration::from_secs(4))?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contender for Rusqlite {
    type Message = Message;
    type Stored = Stored;
    type Chat = ChatRow;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        let connection = self.lock();
        let count = owned(&connection, chat)?.0;
        let end = page.before.map_or(count, |before| count.min(i64::from(before) - 1));
        between(&connection, chat, end - i64::from(page.limit), end)
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Stored>> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (count, last) = owned(&transaction, chat)?;
        let now = Utc::now().trunc_subsecs(6).timestamp_micros().max(last + 1);
        let mut insert = transaction.prepare_cached(INSERT)?;
        let mut stored = Vec::with_capacity(turn.len());
        for (index, body) in (1..).zip(turn) {
            let position = count + index;
            let Body { role, content, metadata } = *body;
            // A trigger of the tables counts it.
            insert.execute(params![
                chat.owner, chat.id, position, index, role, content, metadata, now
            ])?;
            let (id, position) = (transaction.last_insert_rowid(), i32::try_from(position)?);
            stored.push(Stored { id, position, created_at: time(now)? });
        }
        drop(insert);
        transaction.commit()?;
        Ok(stored)
    }

    async fn list(&self, owner: i64) -> Result<Vec<ChatRow>> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(LIST)?;
        // One more shows whether there is another page.
        let mut rows = statement.query(params![owner, LISTED + 1])?;
        let mut chats = Vec::with_capacity(LISTED as usize);
        while let Some(row) = rows.next()? {
            chats.push(chat_of(row)?);
        }
        chats.truncate(LISTED as usize);
        Ok(chats)
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        let connection = self.lock();
        let count = owned(&connection, chat)?.0;
        between(&connection, chat, 0, count)
    }
}

/// How many messages there are, and when something last changed.
fn owned(connection: &Connection, chat: &Chat) -> Result<(i64, i64)> {
    let mut statement = connection.prepare_cached(OWNED)?;
    let found = statement.query_row([chat.owner, chat.id], |row| Ok((row.get(0)?, row.get(1)?)));
    found.optional()?.ok_or_else(not_found)
}

fn between(connection: &Connection, chat: &Chat, after: i64, end: i64) -> Result<Vec<Message>> {
    let mut statement = connection.prepare_cached(PAGE)?;
    let mut rows = statement.query([chat.owner, chat.id, after, end])?;
    let mut messages = Vec::with_capacity((end - after).clamp(0, 1_000) as usize);
    while let Some(row) = rows.next()? {
        messages.push(message(row)?);
    }
    Ok(messages)
}

fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        position: row.get(1)?,
        role: row.get_ref(2)?.as_str()?.parse()?,
        content: row.get(3)?,
        metadata: row.get(4)?,
        key: row.get(5)?,
        created_at: time(row.get(6)?)?,
    })
}

fn chat_of(row: &Row<'_>) -> Result<ChatRow> {
    Ok(ChatRow {
        id: row.get(0)?,
        session: row.get(1)?,
        title: row.get(2)?,
        metadata: row.get(3)?,
        messages: row.get(4)?,
        archived: row.get(5)?,
        created_at: time(row.get(6)?)?,
        updated_at: time(row.get(7)?)?,
    })
}

fn time(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| "a time out of range".into())
}
