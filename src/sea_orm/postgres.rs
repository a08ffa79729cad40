//! All SQL for PostgreSQL.

use sea_orm::{Value, sea_query::ArrayType};

use crate::{
    id::{ConversationId, UserId},
    key::TurnKey,
    message::NewMessage,
    sea_orm::statement::Sql,
    turn::Turn,
};

pub(super) const SQL: Sql<&str> = Sql {
    // A conflict is no error here, which would abort a transaction of the host's.
    create: "\
INSERT INTO {conversations} (user_id, session_id, title, metadata, created_at, updated_at)
VALUES ($1, $2, $3, $4::json, statement_timestamp(), statement_timestamp())
ON CONFLICT (user_id, session_id) WHERE session_id IS NOT NULL DO NOTHING
RETURNING {conversation}",

    get: "\
SELECT {conversation} FROM {conversations} WHERE user_id = $1 AND id = $2",

    find_session: "\
SELECT {conversation} FROM {conversations} WHERE user_id = $1 AND session_id = $2",

    // A row comparison is one range of the index; the same written with OR is none. The limit is
    // hidden in a subselect because a planner that knows it, and has no statistics yet, sorts all
    // of the owner's conversations instead of walking the index.
    list_older: "\
SELECT {conversation} FROM {conversations}
WHERE user_id = $1 AND archived = $2
  AND (updated_at, id) < (coalesce($3, 'infinity'::timestamptz), coalesce($4, 9223372036854775807))
ORDER BY updated_at DESC, id DESC
LIMIT (SELECT $5)",

    list_newer: "\
SELECT {conversation} FROM {conversations}
WHERE user_id = $1 AND archived = $2
  AND (updated_at, id) > (coalesce($3, '-infinity'::timestamptz), coalesce($4, 0))
ORDER BY updated_at, id
LIMIT (SELECT $5)",

    // The time is the version: where the clock stands or has been set back, a microsecond makes it
    // another.
    update: "\
UPDATE {conversations}
SET title = CASE WHEN $3 THEN $4 ELSE title END,
    archived = coalesce($5, archived),
    metadata = CASE WHEN $6 THEN $7::json ELSE metadata END,
    updated_at = greatest(updated_at + interval '1 microsecond', clock_timestamp())
WHERE user_id = $1 AND id = $2 AND ($8::timestamptz IS NULL OR updated_at = $8)
RETURNING {conversation}",

    delete: "\
DELETE FROM {conversations}
WHERE user_id = $1 AND id = $2 AND ($3::timestamptz IS NULL OR updated_at = $3)
RETURNING 1",

    // The UPDATE is the ownership check, the lock that orders writers, the counter and the new
    // activity time at once. A key that is stored already leaves it without a row, so that a replay
    // is no error; two that arrive together are decided by the unique index.
    append: "\
WITH owned AS (
  UPDATE {conversations}
  SET message_count = message_count + cardinality($5),
      updated_at = greatest(updated_at + interval '1 microsecond', clock_timestamp())
  WHERE user_id = $1 AND id = $2
    AND ($4::integer IS NULL OR message_count = $4)
    AND ($3::text IS NULL OR NOT EXISTS (
      SELECT FROM {messages} WHERE user_id = $1 AND conversation_id = $2 AND turn_key = $3))
  RETURNING id, message_count - cardinality($5) AS base, updated_at)
INSERT INTO {messages} AS m
  (user_id, conversation_id, position, turn_index, role, content, metadata, turn_key, created_at)
SELECT $1, owned.id, owned.base + t.ord, t.ord, t.role, t.content, nullif(t.metadata, '')::json, $3,
       owned.updated_at
FROM owned, unnest($5, $6, $7) WITH ORDINALITY AS t(role, content, metadata, ord)
RETURNING m.id, m.position, m.created_at",

    // The append of several calls at once. Those of one conversation are put one after the other
    // (`ahead` is what stands before a call, `total` what all of them add), and the first of them is
    // the only one that may expect a count. Rows that somebody else has locked are left out: their
    // calls are sent by themselves, so that nobody waits for another's conversation, and no two
    // statements can wait for each other. OFFSET keeps the planner from reading all keys into a hash.
    append_group: "\
WITH call AS MATERIALIZED (
  SELECT user_id, id, turn_key, expected, size, number
  FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY
    AS c(user_id, id, turn_key, expected, size, number)),
fresh AS MATERIALIZED (
  SELECT user_id, id, turn_key, expected, number,
         sum(size) OVER (PARTITION BY user_id, id ORDER BY number) - size AS ahead,
         sum(size) OVER (PARTITION BY user_id, id) AS total
  FROM call
  WHERE turn_key = '' OR NOT EXISTS (
    SELECT FROM {messages} AS m
    WHERE m.user_id = call.user_id AND m.conversation_id = call.id AND m.turn_key = call.turn_key
    OFFSET 0)),
locked AS MATERIALIZED (
  SELECT c.user_id, c.id, fresh.total
  FROM fresh
  JOIN {conversations} AS c ON c.user_id = fresh.user_id AND c.id = fresh.id
  WHERE fresh.ahead = 0 AND (fresh.expected < 0 OR c.message_count = fresh.expected)
  FOR NO KEY UPDATE OF c SKIP LOCKED),
owned AS (
  UPDATE {conversations} AS c
  SET message_count = c.message_count + locked.total,
      updated_at = greatest(c.updated_at + interval '1 microsecond', clock_timestamp())
  FROM locked
  WHERE c.user_id = locked.user_id AND c.id = locked.id
  RETURNING c.user_id, c.id, c.message_count - locked.total AS base, c.updated_at)
INSERT INTO {messages} AS m
  (user_id, conversation_id, position, turn_index, role, content, metadata, turn_key, created_at)
SELECT fresh.user_id, fresh.id, owned.base + fresh.ahead + t.ord, t.ord, t.role, t.content,
       nullif(t.metadata, '')::json, nullif(fresh.turn_key, ''), owned.updated_at
FROM unnest($6, $7, $8, $9, $10) AS t(number, ord, role, content, metadata)
JOIN fresh ON fresh.number = t.number
JOIN owned ON owned.user_id = fresh.user_id AND owned.id = fresh.id
RETURNING m.id, m.position, m.created_at, m.user_id, m.conversation_id, m.turn_key",

    stored_turn: "\
SELECT c.message_count, {message}
FROM {conversations} AS c
LEFT JOIN {messages} AS m
  ON m.user_id = $1 AND m.conversation_id = c.id AND m.turn_key = $3
WHERE c.user_id = $1 AND c.id = $2",

    // The outer join tells an empty conversation (one row of nulls) from one that is not yours (no
    // row). Positions are dense, so the page is a closed range of the index, whatever plan is made.
    // Its ends are made apart (OFFSET keeps them there): under row level security no column goes
    // through arithmetic, which may fail and so tell, before the policy was asked about the row, and
    // the whole history would be read for a page.
    messages: "\
SELECT c.message_count, {message}
FROM {conversations} AS c
CROSS JOIN LATERAL (
  SELECT base, base + $5 AS top
  FROM (SELECT coalesce($3, least($4, c.message_count) - $5) AS base) AS start
  OFFSET 0) AS page
LEFT JOIN LATERAL (
  SELECT id, position, role, content, metadata, turn_key, created_at
  FROM {messages}
  WHERE user_id = $1 AND conversation_id = $2
    AND position > page.base AND position <= page.top
  ORDER BY position
  LIMIT $5) AS m ON true
WHERE c.user_id = $1 AND c.id = $2",

    // Row level security hides everything where the owner is not named: that is no erasure.
    // The only statement that locks several rows takes them in order: two erasures that met them in
    // the order of their scans have deadlocked.
    erase: "\
WITH mine AS MATERIALIZED (
  SELECT user_id, id FROM {conversations} WHERE user_id = $1 ORDER BY id FOR UPDATE),
gone AS (
  DELETE FROM {conversations} AS c USING mine
  WHERE c.user_id = mine.user_id AND c.id = mine.id
  RETURNING message_count)
SELECT count(*), coalesce(sum(message_count), 0)::bigint,
       row_security_active({conversations_name})
         AND current_setting('scrollback.owner', true) IS DISTINCT FROM $1::bigint::text
FROM gone",

    find_user: "\
SELECT id FROM {users} WHERE subject = $1",

    add_user: "\
INSERT INTO {users} (subject) VALUES ($1) ON CONFLICT (subject) DO NOTHING RETURNING id",

    // A users table without subjects is the host's, and its rows are not ours to delete.
    remove_user: "\
DELETE FROM {users} WHERE id = $1 AND subject IS NOT NULL",
};

/// owner: for the policies of row level security, until the transaction ends.
pub(super) const NAME_OWNER: &str =
    "SELECT set_config('scrollback.owner', CAST($1::bigint AS text), true)";

/// Three arrays: roles, contents, metadata. No metadata is the empty text, which is no JSON, because
/// these arrays cannot hold nulls.
pub(super) fn messages(turn: &Turn) -> Vec<Value> {
    texts_of(turn.messages().iter())
}

/// Five arrays of calls and five of their messages. For want of nulls, no key is the empty text and no
/// expected count is below 0, neither of which exists.
pub(super) fn turns(calls: &[(UserId, ConversationId, &Turn)]) -> Vec<Value> {
    let turns = || calls.iter().map(|(.., turn)| *turn);
    // The column is an `integer`: no conversation holds more, so none is as expected then.
    let expected = |count| i32::try_from(count).unwrap_or(i32::MAX);
    let numbered = || {
        let turns = turns().zip(1_i64..);
        turns.flat_map(|(turn, number)| {
            (1..).zip(turn.messages()).map(move |(ord, _)| (number, ord))
        })
    };
    let mut values = vec![
        array(ArrayType::BigInt, calls.iter().map(|(owner, ..)| owner.get())),
        array(ArrayType::BigInt, calls.iter().map(|(_, id, _)| id.get())),
        array(ArrayType::String, turns().map(|turn| turn.key().map_or("", TurnKey::as_str))),
        array(ArrayType::Int, turns().map(|turn| turn.expected_count().map_or(-1, expected))),
        array(ArrayType::Int, turns().map(|turn| turn.messages().len() as i32)),
        array(ArrayType::BigInt, numbered().map(|(number, _)| number)),
        array(ArrayType::Int, numbered().map(|(_, ord): (_, i32)| ord)),
    ];
    values.extend(texts_of(turns().flat_map(Turn::messages)));
    values
}

fn texts_of<'a>(messages: impl Iterator<Item = &'a NewMessage> + Clone) -> Vec<Value> {
    let texts =
        |text: fn(&NewMessage) -> &str| array(ArrayType::String, messages.clone().map(text));
    vec![
        texts(|message| message.role.as_str()),
        texts(|message| &message.content),
        texts(|message| message.metadata.stored().map_or("", |json| json)),
    ]
}

fn array<T: Into<Value>>(of: ArrayType, values: impl Iterator<Item = T>) -> Value {
    Value::Array(of, Some(Box::new(values.map(Into::into).collect())))
}
