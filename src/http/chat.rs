//! The chat with the bot: start, message, history, as the dictionary of sessions had them.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, LOCATION},
    },
    response::{IntoResponse, Response},
};

use crate::{
    chat_sessions::ChatSessions,
    http::{
        body::Sent,
        caller::Mine,
        conversations::{derived, open},
        here::Here,
        idempotency::{Key, replayed},
        json::Json,
        kind::Kind,
        name::Named,
        paging,
        payload::{ConversationBody, Said},
        problem::Problem,
        shared::Shared,
        stream::{self, Question},
        wire,
    },
    key::{SessionId, TurnKey},
};

/// Start a chat
///
/// Creates a conversation and answers with its session. With an `Idempotency-Key`, sending it again
/// gives the same, as for creating a conversation.
#[utoipa::path(
    post, path = "/chat/start", operation_id = "startChat", tag = "chat",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 249, pattern = "^[!-~]+$",
        description = "Makes the request safe to send again")),
    request_body(content = ConversationBody),
    responses(
        (status = 201, body = wire::Started, description = "It has started",
            headers(("Location" = String, description = "Its history"))),
        (status = 404, description = "The store knows no such user"),
        (status = 409, description = "The key was used for another request"),
    ),
)]
pub(super) async fn start(
    Mine(history): Mine,
    here: Here,
    Key(key): Key,
    Sent(new): Sent<ConversationBody>,
) -> Result<Response, Problem> {
    let session_id = match key {
        Some(key) => derived("start", &key)?,
        None => SessionId::generate(),
    };
    let (conversation, again) = open(&history, Some(session_id.clone()), new).await?;
    let mut headers = replayed(again);
    let location = here.beside(session_id.as_str(), "history");
    headers.extend(location.map(|location| (LOCATION, location)));
    let started = wire::Started { session_id, conversation: conversation.into() };
    Ok((StatusCode::CREATED, headers, Json(started)).into_response())
}

/// Say something to the bot
///
/// Stores the text, lets the bot answer, stores the answer. With an `Idempotency-Key`, it may be sent
/// any number of times: the text is stored once, and the reply that was stored first is the answer.
///
/// With `Accept: text/event-stream` the reply comes as server-sent events: `token` with a part of it as
/// `{"text": ".."}`, any number of them; then once `message` with the exchange as it is stored, which
/// counts where the parts differ from it; or else once `problem` with a problem document. What fails
/// before the first part is answered with its status. Whether or not somebody waits for it, the exchange
/// goes on to its end.
#[utoipa::path(
    post, path = "/chat/{sessionId}/message", operation_id = "sendMessage", tag = "chat",
    params(
        ("sessionId" = String, Path, description = "The session of the chat"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 249, pattern = "^[!-~]+$",
            description = "Makes the request safe to send again"),
    ),
    request_body = Said,
    responses(
        (status = 200, description = "What was said and what was answered, as stored",
            content((wire::Exchange = "application/json"), (String = "text/event-stream"))),
        (status = 404, description = "The caller has no such session"),
        (status = 409, description = "The key was used for another text"),
        (status = 502, description = "The bot failed; the text is stored"),
        (status = 504, description = "The bot took too long; the text is stored"),
    ),
)]
pub(super) async fn message(
    State(shared): State<Arc<Shared>>,
    Mine(history): Mine,
    Named(session): Named<SessionId>,
    Key(key): Key,
    headers: HeaderMap,
    Sent(Said { content }): Sent<Said>,
) -> Result<Response, Problem> {
    let (owner, chat) = (history.owner(), sessions(&shared)?.clone());
    let key = key.unwrap_or_else(TurnKey::generate);
    let question = Question { owner, session, key, content };
    if takes_events(&headers) {
        return stream::answer(&shared.exchanges, chat, question).await;
    }
    let exchange = shared.exchanges.start(async move {
        let Question { owner, session, key, content } = question;
        chat.message_with_key(owner, &session, &key, content).await
    })?;
    let exchange = exchange.await.map_err(|_panic| Problem::new(Kind::Internal))??;
    Ok((replayed(exchange.replayed), Json(wire::Exchange::from(exchange))).into_response())
}

/// Read the history of a chat
///
/// As the messages of its conversation are read: the newest, unless a cursor or a position says where.
#[utoipa::path(
    get, path = "/chat/{sessionId}/history", operation_id = "readHistory", tag = "chat",
    params(
        ("sessionId" = String, Path, description = "The session of the chat"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many at most; 50 when not given"),
        ("cursor" = Option<String>, Query, description = "Goes on where a page of this chat ended"),
        ("before" = Option<u32>, Query, minimum = 1, description = "Those just before this position"),
        ("after" = Option<u32>, Query, minimum = 0, description = "Those just after this position; 0 for the oldest"),
    ),
    responses(
        (status = 200, body = wire::Page<wire::Message>, description = "A page",
            headers(("Link" = String, description = "rel=\"next\" and rel=\"prev\""))),
        (status = 404, description = "The caller has no such session"),
    ),
)]
pub(super) async fn history(
    State(shared): State<Arc<Shared>>,
    Mine(history): Mine,
    Named(session): Named<SessionId>,
    paging::Messages(query, same): paging::Messages,
) -> Result<Response, Problem> {
    let page = sessions(&shared)?.history_page(history.owner(), &session, query).await?;
    Ok(same.answer::<_, wire::Message>(page))
}

/// These endpoints are served only where there is a bot.
fn sessions(shared: &Shared) -> Result<&ChatSessions, Problem> {
    shared.chat.as_ref().ok_or_else(|| Problem::new(Kind::NoEndpoint))
}

fn takes_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(','));
    types.any(|kind| {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/event-stream")
    })
}
