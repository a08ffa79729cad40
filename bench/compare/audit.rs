//! After the clock has stopped: everything that was acknowledged is there, and counted.

use crate::{
    contender::Result,
    entry::Entry,
    server::{Server, connect},
    stage::{CONNECT, DATA_CONNECTOR, DATA_CONNECTOR_DATABASE},
};

/// Conversations whose count is not that of their messages, or whose positions have gaps.
const TORN: &str = "\
SELECT count(*) FROM conversations AS c
LEFT JOIN (
  SELECT user_id, conversation_id, count(*) AS messages, max(position) AS last
  FROM messages GROUP BY user_id, conversation_id) AS m
  ON m.user_id = c.user_id AND m.conversation_id = c.id
WHERE c.message_count <> coalesce(m.messages, 0) OR c.message_count <> coalesce(m.last, 0)";

/// Items that no conversation has.
const LOST: &str = "\
SELECT count(*) FROM conversation_items AS i
WHERE NOT EXISTS (SELECT FROM conversation_item_links AS l WHERE l.item_id = i.id)";

pub(crate) async fn audit(server: &Server, entries: &[Entry]) -> Result<()> {
    none(CONNECT, &server.url(), TORN).await?;
    let opened = |entry: &Entry| entry.name == DATA_CONNECTOR && entry.contender.is_ok();
    if entries.iter().any(opened) {
        none(DATA_CONNECTOR, &server.url_of(DATA_CONNECTOR_DATABASE), LOST).await?;
    }
    Ok(())
}

async fn none(whose: &str, url: &str, sql: &str) -> Result<()> {
    match connect(url).await?.query_one(sql, &[]).await?.get::<_, i64>(0) {
        0 => Ok(()),
        wrong => Err(format!("{wrong} rows in the tables of {whose} are torn").into()),
    }
}
