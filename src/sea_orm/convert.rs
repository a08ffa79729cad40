//! All conversion of rows.

#[cfg(feature = "postgres")]
use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{DbErr, QueryResult};

use crate::{
    conversation::Conversation,
    id::{ConversationId, MessageId, Position, UserId},
    key::{SessionId, TurnKey},
    message::{Message, NewMessage},
    metadata::Metadata,
    new_conversation::NewConversation,
    sea_orm::{column, dialect::Dialect},
    store::Erased,
    turn::Turn,
};

type Result<T> = std::result::Result<T, DbErr>;

/// A row of the columns of a conversation.
pub(super) fn conversation(
    dialect: Dialect,
    owner: UserId,
    row: &QueryResult,
) -> Result<Conversation> {
    let session = shared(row, 1)?.map(SessionId::try_from).transpose().map_err(unreadable)?;
    let mut new = NewConversation::new().with_metadata(Metadata::from_stored(shared(row, 3)?));
    new.session = session;
    let id = ConversationId::new(column::bigint(row, 0)?);
    let mut conversation = Conversation::new(id, owner, new, column::time(dialect, row, 6)?);
    conversation.title = shared(row, 2)?;
    conversation.message_count = count(row, 4)?;
    conversation.archived = column::boolean(row, 5)?;
    conversation.updated_at = column::time(dialect, row, 7)?;
    Ok(conversation)
}

/// Rows of a message count and a message, or nulls where there is no message; none at all is `None`.
pub(super) fn messages(
    dialect: Dialect,
    conversation: ConversationId,
    rows: &[QueryResult],
) -> Result<Option<(u32, Vec<Message>)>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let messages = rows.iter().filter_map(|row| message(dialect, conversation, row).transpose());
    Ok(Some((count(first, 0)?, in_order(messages.collect::<Result<_>>()?))))
}

fn message(
    dialect: Dialect,
    conversation: ConversationId,
    row: &QueryResult,
) -> Result<Option<Message>> {
    let Some(id) = column::nullable_bigint(row, 1)? else { return Ok(None) };
    let role = column::text(row, 3)?.parse().map_err(unreadable)?;
    let content = column::text(row, 4)?;
    let new = NewMessage::new(role, content).with_metadata(Metadata::from_stored(shared(row, 5)?));
    let key = shared(row, 6)?.map(TurnKey::try_from).transpose().map_err(unreadable)?;
    let time = column::time(dialect, row, 7)?;
    Ok(Some(Message::new(MessageId::new(id), conversation, position(row, 2)?, new, key, time)))
}

/// The messages of a turn that was just stored, from rows of id, position and time.
pub(super) fn appended(
    dialect: Dialect,
    conversation: ConversationId,
    turn: &Turn,
    rows: &[QueryResult],
) -> Result<Vec<Message>> {
    let mut stored = rows
        .iter()
        .map(|row| Ok((position(row, 1)?, column::bigint(row, 0)?, column::time(dialect, row, 2)?)))
        .collect::<Result<Vec<_>>>()?;
    stored.sort_unstable_by_key(|&(position, ..)| position);
    let messages = stored.into_iter().zip(turn.messages()).map(|((position, id, time), new)| {
        let key = turn.key().cloned();
        Message::new(MessageId::new(id), conversation, position, new.clone(), key, time)
    });
    Ok(messages.collect())
}

/// The messages of each of several turns, from the same rows with owner, conversation and key; `None`
/// where the turn was not stored.
#[cfg(feature = "postgres")]
pub(super) fn appended_each(
    dialect: Dialect,
    calls: &[(UserId, ConversationId, &Turn)],
    rows: Vec<QueryResult>,
) -> Result<Vec<Option<Vec<Message>>>> {
    let mut stored = HashMap::<(i64, i64), Vec<(Position, Option<Arc<str>>, QueryResult)>>::new();
    for row in rows {
        let chat = (column::bigint(&row, 3)?, column::bigint(&row, 4)?);
        stored.entry(chat).or_default().push((position(&row, 1)?, shared(&row, 5)?, row));
    }
    for rows in stored.values_mut() {
        rows.sort_unstable_by_key(|(position, ..)| *position);
    }
    let each = calls.iter().map(|(owner, id, turn)| {
        let Some(rows) = stored.get_mut(&(owner.get(), id.get())) else { return Ok(None) };
        let mine = rows
            .first()
            .is_some_and(|(_, key, _)| key.as_deref() == turn.key().map(TurnKey::as_str));
        if !mine || rows.len() < turn.messages().len() {
            return Ok(None);
        }
        let rows: Vec<_> = rows.drain(..turn.messages().len()).map(|(.., row)| row).collect();
        appended(dialect, *id, turn, &rows).map(Some)
    });
    each.collect()
}

/// Rows of counts, to be added up; `None` where row level security has hidden what there is.
pub(super) fn erased(rows: &[QueryResult]) -> Result<Option<Erased>> {
    let mut sum = Erased::default();
    for row in rows {
        let (conversations, messages): (i64, i64) =
            (column::bigint(row, 0)?, column::bigint(row, 1)?);
        if column::boolean(row, 2)? {
            return Ok(None);
        }
        sum.conversations += conversations.unsigned_abs();
        sum.messages += messages.unsigned_abs();
    }
    Ok(Some(sum))
}

/// The number in the first column of the first row.
pub(super) fn user(rows: &[QueryResult]) -> Result<Option<UserId>> {
    rows.first().map(|row| column::bigint(row, 0).map(UserId::new)).transpose()
}

/// The order in which the database returned them is not promised; mostly it is this one.
fn in_order(mut messages: Vec<Message>) -> Vec<Message> {
    messages.sort_by_key(|message| message.position);
    messages
}

/// A text that its holders share: one copy, out of the driver's buffer.
fn shared(row: &QueryResult, column: usize) -> Result<Option<Arc<str>>> {
    Ok(column::nullable_text(row, column)?.map(Arc::from))
}

fn count(row: &QueryResult, column: usize) -> Result<u32> {
    u32::try_from(column::integer(row, column)?).map_err(unreadable)
}

fn position(row: &QueryResult, column: usize) -> Result<Position> {
    Position::new(count(row, column)?).ok_or_else(|| unreadable("position 0"))
}

/// Only somebody who wrote past this crate can have stored it; the reason quotes no value.
fn unreadable<E>(_: E) -> DbErr {
    DbErr::Type("a stored value breaks the contract".to_owned())
}
