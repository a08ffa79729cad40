//! The same conversations in a file of SQLite, whose tables our migration has created.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use crate::{
    contender::Result,
    data::{Bodies, Chat, Plan, stored_at},
};

pub(crate) fn sqlite(file: &Path, bodies: &Bodies, plan: &Plan) -> Result<()> {
    let mut connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let transaction = connection.transaction()?;
    // Counts are known; the trigger that keeps them would write each conversation again and again.
    let triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let triggers: Vec<(String, String)> = transaction
        .prepare(triggers)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (name, _) in &triggers {
        transaction.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    for chat in &plan.chats {
        insert(&transaction, bodies, chat)?;
    }
    for (_, sql) in &triggers {
        transaction.execute_batch(sql)?;
    }
    transaction.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
}

fn insert(transaction: &Transaction<'_>, bodies: &Bodies, chat: &Chat) -> Result<()> {
    let (created, updated) =
        (stored_at(chat.first), stored_at(chat.first + i64::from(chat.messages) - 1));
    let conversation =
        "INSERT INTO conversations (id, user_id, created_at, updated_at, message_count)
                        VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.prepare_cached(conversation)?.execute(params![
        chat.id,
        chat.owner,
        created,
        updated,
        chat.messages
    ])?;
    let message = "INSERT INTO messages (id, user_id, conversation_id, created_at, position,
                                         turn_index, role, content, metadata)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut message = transaction.prepare_cached(message)?;
    for position in 1..=chat.messages {
        let (id, body) = (chat.message(position), bodies.at(chat, position));
        let (time, index) = (stored_at(id), 2 - position % 2);
        message.execute(params![
            id,
            chat.owner,
            chat.id,
            time,
            position,
            index,
            body.role,
            body.content,
            body.metadata
        ])?;
    }
    Ok(())
}
