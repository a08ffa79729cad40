//! All SQL for SQLite.
//!
//! Times are integers, microseconds since 1970. The last parameter of every write is the time.

use sea_orm::Value;
use serde_json::json;

use crate::{sea_orm::statement::Sql, turn::Turn};

pub(super) const SQL: Sql<&str> = Sql {
    create: "\
INSERT INTO {conversations} (user_id, session_id, title, metadata, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?5)
ON CONFLICT (user_id, session_id) DO NOTHING
RETURNING {conversation}",

    get: "\
SELECT {conversation} FROM {conversations} WHERE user_id = ?1 AND id = ?2",

    find_session: "\
SELECT {conversation} FROM {conversations} WHERE user_id = ?1 AND session_id = ?2",

    list_older: "\
SELECT {conversation} FROM {conversations}
WHERE user_id = ?1 AND archived = ?2
  AND (updated_at, id) < (coalesce(?3, 9223372036854775807), coalesce(?4, 9223372036854775807))
ORDER BY updated_at DESC, id DESC
LIMIT ?5",

    list_newer: "\
SELECT {conversation} FROM {conversations}
WHERE user_id = ?1 AND archived = ?2 AND (updated_at, id) > (coalesce(?3, 0), coalesce(?4, 0))
ORDER BY updated_at, id
LIMIT ?5",

    update: "\
UPDATE {conversations}
SET title = CASE WHEN ?3 THEN ?4 ELSE title END,
    archived = coalesce(?5, archived),
    metadata = CASE WHEN ?6 THEN ?7 ELSE metadata END,
    updated_at = max(updated_at + 1, ?9)
WHERE user_id = ?1 AND id = ?2 AND (?8 IS NULL OR updated_at = ?8)
RETURNING {conversation}",

    delete: "\
DELETE FROM {conversations}
WHERE user_id = ?1 AND id = ?2 AND (?3 IS NULL OR updated_at = ?3)
RETURNING 1",

    // SQLite has no UPDATE within WITH: a trigger on the messages counts them and moves the
    // conversation's activity, in this same statement.
    append: "\
INSERT INTO {messages}
  (user_id, conversation_id, position, turn_index, role, content, metadata, turn_key, created_at)
SELECT ?1, c.id, c.message_count + t.key + 1, t.key + 1, t.value ->> 0, t.value ->> 1, t.value ->> 2,
       ?3, max(c.updated_at + 1, ?6)
FROM {conversations} AS c, json_each(?5) AS t
WHERE c.user_id = ?1 AND c.id = ?2
  AND (?4 IS NULL OR c.message_count = ?4)
  AND (?3 IS NULL OR NOT EXISTS (
    SELECT 1 FROM {messages} WHERE user_id = ?1 AND conversation_id = ?2 AND turn_key = ?3))
RETURNING id, position, created_at",

    // SQLite has one writer, and no round trip to share.
    #[cfg(feature = "postgres")]
    append_group: "",

    stored_turn: "\
SELECT c.message_count, {message}
FROM {conversations} AS c
LEFT JOIN {messages} AS m
  ON m.user_id = ?1 AND m.conversation_id = c.id AND m.turn_key = ?3
WHERE c.user_id = ?1 AND c.id = ?2",

    messages: "\
SELECT c.message_count, {message}
FROM {conversations} AS c
LEFT JOIN {messages} AS m
  ON m.user_id = ?1 AND m.conversation_id = c.id
  AND m.position > coalesce(?3, min(coalesce(?4, c.message_count), c.message_count) - ?5)
  AND m.position <= coalesce(?3, min(coalesce(?4, c.message_count), c.message_count) - ?5) + ?5
WHERE c.user_id = ?1 AND c.id = ?2",

    erase: "\
DELETE FROM {conversations} WHERE user_id = ?1 RETURNING 1, message_count, false",

    find_user: "\
SELECT id FROM {users} WHERE subject = ?1",

    add_user: "\
INSERT INTO {users} (subject, created_at) VALUES (?1, ?2)
ON CONFLICT (subject) DO NOTHING RETURNING id",

    // A users table without subjects is the host's, and its rows are not ours to delete.
    remove_user: "\
DELETE FROM {users} WHERE id = ?1 AND subject IS NOT NULL",
};

/// One JSON array of `[role, content, metadata or null]`.
pub(super) fn messages(turn: &Turn) -> Vec<Value> {
    let messages: Vec<_> = turn
        .messages()
        .iter()
        .map(|message| {
            json!([
                message.role.as_str(),
                &*message.content,
                message.metadata.stored().map(|json| &**json)
            ])
        })
        .collect();
    vec![json!(messages).to_string().into()]
}
