//! The same conversations in the tables of `data-connector`, which its own code has created.

use tokio_postgres::Client;

use super::postgres::{all_messages, send, time};
use crate::{
    contender::Result,
    data::{Bodies, Chat},
};

pub(crate) async fn data_connector(client: &Client, bodies: &Bodies, chats: &[Chat]) -> Result<()> {
    send(client, bodies, chats).await?;
    for statement in [conversations(), items(), links()] {
        client.batch_execute(&statement).await?;
    }
    let tables = "conversations, conversation_items, conversation_item_links";
    Ok(client.batch_execute(&format!("VACUUM ANALYZE {tables}")).await?)
}

fn conversations() -> String {
    let (name, time) = (name("conv_", "id"), time("first"));
    format!(
        "INSERT INTO conversations (id, created_at, tenant)
         SELECT {name}, {time}, owner::text FROM seed_plan"
    )
}

fn items() -> String {
    let (name, time) = (name("msg_", "p.first + n - 1"), time("p.first + n - 1"));
    format!(
        "INSERT INTO conversation_items (id, item_type, role, content, status, created_at, tenant)
         SELECT {name}, 'message', CASE WHEN b.assistant THEN 'assistant' ELSE 'user' END,
                json_build_array(json_build_object(
                  'type', CASE WHEN b.assistant THEN 'output_text' ELSE 'input_text' END,
                  'text', b.content)),
                'completed', {time}, p.owner::text
         FROM {}",
        all_messages()
    )
}

fn links() -> String {
    let (chat, item) = (name("conv_", "p.id"), name("msg_", "p.first + n - 1"));
    let time = time("p.first + n - 1");
    format!(
        "INSERT INTO conversation_item_links (conversation_id, item_id, added_at)
         SELECT {chat}, {item}, {time}
         FROM seed_plan AS p CROSS JOIN LATERAL generate_series(1, p.messages) AS n"
    )
}

/// The id of a conversation there.
pub(crate) fn conversation_name(id: i64) -> String {
    format!("conv_{}", scattered(id))
}

/// The id of an item there.
pub(crate) fn item_name(message: i64) -> String {
    format!("msg_{}", scattered(message))
}

/// Ids are random hexadecimal digits there, fifty or so; these are as long and in as little order,
/// but known. Multiplying by a number modulo a prime gives every id another one.
fn scattered(id: i64) -> String {
    format!("{:08x}", id * FACTOR % PRIME).repeat(6)
}

/// The same in SQL.
fn name(prefix: &str, id: &str) -> String {
    let id = format!("(({id})::bigint * {FACTOR} % {PRIME})");
    format!("'{prefix}' || repeat(lpad(to_hex({id}), 8, '0'), 6)")
}

const FACTOR: i64 = 1_103_515_245;
const PRIME: i64 = 2_147_483_647;
