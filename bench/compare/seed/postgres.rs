//! Our tables in PostgreSQL, filled by the server itself from the plan and the texts.

use tokio_postgres::Client;

use crate::{
    contender::Result,
    data::{Bodies, Chat, stored_at, texts},
};

/// Adds these conversations with their messages. There may be others already.
pub(crate) async fn postgres(client: &Client, bodies: &Bodies, chats: &[Chat]) -> Result<()> {
    send(client, bodies, chats).await?;
    // The parents are there: foreign keys would be looked up a million times.
    client.batch_execute("SET session_replication_role = replica").await?;
    client.batch_execute(&conversations()).await?;
    client.batch_execute(&messages()).await?;
    client.batch_execute("RESET session_replication_role").await?;
    for table in ["conversations", "messages"] {
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        );
        client.batch_execute(&next).await?;
    }
    Ok(client.batch_execute("VACUUM ANALYZE conversations, messages").await?)
}

fn conversations() -> String {
    let (first, last) = (time("first"), time("first + messages - 1"));
    format!(
        "INSERT INTO conversations (user_id, id, created_at, updated_at, message_count)
         OVERRIDING SYSTEM VALUE
         SELECT owner, id, {first}, {last}, messages FROM seed_plan ORDER BY id"
    )
}

fn messages() -> String {
    let time = time("first + n - 1");
    format!(
        "INSERT INTO messages (user_id, id, conversation_id, created_at, position, turn_index, role,
                               content, metadata)
         OVERRIDING SYSTEM VALUE
         SELECT p.owner, p.first + n - 1, p.id, {time}, n, 2 - n % 2,
                CASE WHEN b.assistant THEN 'assistant' ELSE 'user' END, b.content, b.metadata
         FROM {}",
        all_messages()
    )
}

/// Every message `n` of every conversation `p` of the plan, with its body `b`.
pub(super) fn all_messages() -> String {
    // As in `Chat::body`.
    let text = format!(
        "CASE WHEN p.even THEN (p.messages - n) % 50 ELSE (p.id * 7919 + n * 104729::bigint) % {} END",
        texts()
    );
    format!(
        "seed_plan AS p
         CROSS JOIN LATERAL generate_series(1, p.messages) AS n
         JOIN seed_bodies AS b ON b.assistant = (n % 2 = 0) AND b.i = {text}"
    )
}

/// When a message of this id was stored.
pub(super) fn time(id: &str) -> String {
    let start = stored_at(0) / 1_000_000;
    let each = stored_at(1) - stored_at(0);
    format!("to_timestamp({start}) + ({id}) * interval '{each} microseconds'")
}

/// Sends the plan and the texts, for this connection only.
pub(super) async fn send(client: &Client, bodies: &Bodies, chats: &[Chat]) -> Result<()> {
    client
        .batch_execute(
            "CREATE TEMP TABLE IF NOT EXISTS seed_bodies
               (assistant boolean, i integer, content text, metadata json);
             CREATE TEMP TABLE IF NOT EXISTS seed_plan
               (id bigint, owner bigint, messages integer, first bigint, even boolean);
             TRUNCATE seed_bodies, seed_plan",
        )
        .await?;
    send_bodies(client, bodies).await?;
    for some in chats.chunks(10_000) {
        send_chats(client, some).await?;
    }
    Ok(client.batch_execute("ANALYZE seed_bodies, seed_plan").await?)
}

async fn send_bodies(client: &Client, bodies: &Bodies) -> Result<()> {
    let (mut assistants, mut indices) = (Vec::new(), Vec::new());
    let (mut contents, mut metadata) = (Vec::new(), Vec::new());
    for (assistant, i, body) in bodies.all() {
        assistants.push(assistant);
        indices.push(i32::try_from(i)?);
        contents.push(body.content);
        metadata.push(body.metadata);
    }
    let insert = "INSERT INTO seed_bodies SELECT a, i, c, m::json
                  FROM unnest($1::boolean[], $2::integer[], $3::text[], $4::text[]) AS t(a, i, c, m)";
    client.execute(insert, &[&assistants, &indices, &contents, &metadata]).await?;
    Ok(())
}

async fn send_chats(client: &Client, chats: &[Chat]) -> Result<()> {
    let ids: Vec<_> = chats.iter().map(|chat| chat.id).collect();
    let owners: Vec<_> = chats.iter().map(|chat| chat.owner).collect();
    let messages: Vec<_> = chats.iter().map(|chat| i64::from(chat.messages)).collect();
    let firsts: Vec<_> = chats.iter().map(|chat| chat.first).collect();
    let even: Vec<_> = chats.iter().map(|chat| chat.even).collect();
    let insert = "INSERT INTO seed_plan
                  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])";
    client.execute(insert, &[&ids, &owners, &messages, &firsts, &even]).await?;
    Ok(())
}
