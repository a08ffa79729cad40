//! The messages of a conversation: read a page, add one.

use axum::{
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};

use crate::{
    http::{
        body::Sent,
        caller::Mine,
        etag::IfMatch,
        here::{Here, location},
        idempotency::{Key, replayed},
        json::Json,
        kind::Kind,
        name::Named,
        paging,
        payload::MessageBody,
        problem::Problem,
        wire,
    },
    id::ConversationId,
    turn::Turn,
};

/// Read messages, in order of position
///
/// The newest, unless a cursor or a position says where. Pages lead both ways.
#[utoipa::path(
    get, path = "/conversations/{id}/messages", operation_id = "listMessages", tag = "messages",
    params(
        ("id" = String, Path, description = "The name of the conversation"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many at most; 50 when not given"),
        ("cursor" = Option<String>, Query, description = "Goes on where a page of this conversation ended"),
        ("before" = Option<u32>, Query, minimum = 1, description = "Those just before this position"),
        ("after" = Option<u32>, Query, minimum = 0, description = "Those just after this position; 0 for the oldest"),
    ),
    responses(
        (status = 200, body = wire::Page<wire::Message>, description = "A page",
            headers(("Link" = String, description = "rel=\"next\" and rel=\"prev\""))),
        (status = 404, description = "Nothing of the caller's has this name"),
    ),
)]
pub(super) async fn list(
    Mine(history): Mine,
    Named(id): Named<ConversationId>,
    paging::Messages(query, same): paging::Messages,
) -> Result<Response, Problem> {
    Ok(same.answer::<_, wire::Message>(history.messages(id, query).await?))
}

/// Add a message, without asking the bot
///
/// With an `Idempotency-Key`, it is stored once however often it is sent. With `If-Match`, it is stored
/// only while the conversation holds as many messages as in the version that is named; its title,
/// archive and metadata are not compared.
#[utoipa::path(
    post, path = "/conversations/{id}/messages", operation_id = "addMessage", tag = "messages",
    params(
        ("id" = String, Path, description = "The name of the conversation"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 249, pattern = "^[!-~]+$",
            description = "Makes the request safe to send again"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the conversation as it was last seen"),
    ),
    request_body = MessageBody,
    responses(
        (status = 201, body = wire::Message, description = "It is stored",
            headers(("Location" = String, description = "A page of this message alone"))),
        (status = 404, description = "Nothing of the caller's has this name"),
        (status = 409, description = "The key was used for another message"),
        (status = 412, description = "The conversation has moved on"),
    ),
)]
pub(super) async fn add(
    Mine(history): Mine,
    Named(id): Named<ConversationId>,
    here: Here,
    Key(key): Key,
    seen: IfMatch,
    Sent(new): Sent<MessageBody>,
) -> Result<Response, Problem> {
    let mut turn = Turn::new([new.checked()?])?;
    if let Some(key) = key {
        turn = turn.with_key(key);
    }
    if let Some(count) = seen.count()? {
        turn = turn.with_expected_count(count);
    }
    let mut appended = history.append(id, turn).await?;
    let mut headers = replayed(appended.replayed);
    let message = appended.messages.pop().ok_or_else(|| Problem::new(Kind::Internal))?;
    let page = here.with(&format!("after={}&limit=1", message.position.get() - 1));
    headers.extend(location(page).map(|page| (LOCATION, page)));
    Ok((StatusCode::CREATED, headers, Json(wire::Message::from(message))).into_response())
}
