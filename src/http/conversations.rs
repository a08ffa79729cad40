//! The caller's conversations: create, list, read, change, delete.

use axum::{
    http::{
        StatusCode,
        header::{ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};

use crate::{
    conversation::Conversation,
    error::{Conflict, Error, Result},
    http::{
        body::Sent,
        caller::Mine,
        etag::{self, IfMatch, IfNoneMatch},
        here::Here,
        idempotency::{Key, replayed},
        json::Json,
        name::Named,
        paging,
        payload::{Changes, ConversationBody},
        problem::Problem,
        wire,
    },
    id::ConversationId,
    key::{SessionId, TurnKey},
    new_conversation,
    user_history::UserHistory,
};

/// Create a conversation
///
/// It gets a session, so that the bot can be asked in it. With an `Idempotency-Key`, sending it again
/// gives the same conversation as it is then, until that is deleted. That the key was used for another
/// title or metadata is noticed as long as nothing has happened in the conversation.
#[utoipa::path(
    post, path = "/conversations", operation_id = "createConversation", tag = "conversations",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 249, pattern = "^[!-~]+$",
        description = "Makes the request safe to send again")),
    request_body(content = ConversationBody),
    responses(
        (status = 201, body = wire::Conversation, description = "It is stored",
            headers(("Location" = String), ("ETag" = String))),
        (status = 404, description = "The store knows no such user"),
        (status = 409, description = "The key was used for another request"),
    ),
)]
pub(super) async fn create(
    Mine(history): Mine,
    here: Here,
    Key(key): Key,
    Sent(new): Sent<ConversationBody>,
) -> Result<Response, Problem> {
    let session = key.as_ref().map(|key| derived("new", key)).transpose()?;
    let (conversation, again) = open(&history, session, new).await?;
    let location = here.below(&conversation.id.to_string());
    let mut headers = replayed(again);
    headers.extend(location.map(|location| (LOCATION, location)));
    headers.insert(ETAG, etag::of(&conversation));
    Ok((StatusCode::CREATED, headers, Json(wire::Conversation::from(conversation))).into_response())
}

/// The session of what is created under `key`: the one place where the contract can keep it. `by` keeps
/// the keys of different requests apart.
pub(super) fn derived(by: &str, key: &TurnKey) -> Result<SessionId> {
    SessionId::new(format!("{by}:{}", key.as_str()))
}

/// Creates a conversation, or finds the one that an earlier request with its session has created.
pub(super) async fn open(
    history: &UserHistory,
    session: Option<SessionId>,
    new: ConversationBody,
) -> Result<(Conversation, bool)> {
    let new = new.checked()?;
    let session = session.unwrap_or_else(SessionId::generate);
    match history.create(new.clone().with_session(session.clone())).await {
        Err(Error::Conflict(Conflict::SessionTaken)) => {
            let found = history.find_session(&session).await?;
            if is_untouched(&found) && !is_of(&found, &new) {
                return Err(Error::Conflict(Conflict::KeyReused));
            }
            Ok((found, true))
        }
        Err(Error::NotFound) => {
            // The host let them in: only its logs can say why there is nothing for them here.
            tracing::warn!(
                "the caller's id is in no row of the users table that the store refers to"
            );
            Err(Error::NotFound)
        }
        created => Ok((created?, false)),
    }
}

fn is_untouched(conversation: &Conversation) -> bool {
    conversation.updated_at == conversation.created_at
}

fn is_of(conversation: &Conversation, new: &new_conversation::NewConversation) -> bool {
    conversation.title.as_deref() == new.title.as_ref().map(|title| title.as_str())
        && conversation.metadata == new.metadata
}

/// List my conversations
///
/// Newest activity first. The archive is a listing of its own.
#[utoipa::path(
    get, path = "/conversations", operation_id = "listConversations", tag = "conversations",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many at most; 50 when not given"),
        ("cursor" = Option<String>, Query, description = "Goes on where a page of this listing ended"),
        ("archived" = Option<bool>, Query, description = "The archive instead"),
    ),
    responses(
        (status = 200, body = wire::Page<wire::Conversation>, description = "A page",
            headers(("Link" = String, description = "rel=\"next\" and rel=\"prev\""))),
    ),
)]
pub(super) async fn list(
    Mine(history): Mine,
    paging::Conversations(query, same): paging::Conversations,
) -> Result<Response, Problem> {
    Ok(same.answer::<_, wire::Conversation>(history.list(query).await?))
}

/// Read a conversation, without its messages
#[utoipa::path(
    get, path = "/conversations/{id}", operation_id = "readConversation", tag = "conversations",
    params(
        ("id" = String, Path, description = "The name of the conversation"),
        ("If-None-Match" = Option<String>, Header, description = "The version that is known already"),
    ),
    responses(
        (status = 200, body = wire::Conversation, description = "As it is now",
            headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "It is the version that is known already"),
        (status = 404, description = "Nothing of the caller's has this name"),
    ),
)]
pub(super) async fn read(
    Mine(history): Mine,
    Named(id): Named<ConversationId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let conversation = history.get(id).await?;
    let etag = etag::of(&conversation);
    if known.has(&etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    Ok(([(ETAG, etag)], Json(wire::Conversation::from(conversation))).into_response())
}

/// Rename or archive a conversation, or replace its metadata
///
/// With `If-Match`, it is changed only while it is of the version that is named; a message more makes
/// another.
#[utoipa::path(
    patch, path = "/conversations/{id}", operation_id = "changeConversation", tag = "conversations",
    params(
        ("id" = String, Path, description = "The name of the conversation"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the conversation as it was last seen"),
    ),
    request_body = Changes,
    responses(
        (status = 200, body = wire::Conversation, description = "As it is now",
            headers(("ETag" = String, description = "Its version"))),
        (status = 404, description = "Nothing of the caller's has this name"),
        (status = 412, description = "It has changed meanwhile"),
    ),
)]
pub(super) async fn change(
    Mine(history): Mine,
    Named(id): Named<ConversationId>,
    seen: IfMatch,
    Sent(changes): Sent<Changes>,
) -> Result<Response, Problem> {
    let mut update = changes.checked()?;
    update.expected_version = seen.version()?;
    let conversation = history.update(id, update).await?;
    let etag = etag::of(&conversation);
    Ok(([(ETAG, etag)], Json(wire::Conversation::from(conversation))).into_response())
}

/// Delete a conversation with its messages
///
/// With `If-Match`, it is deleted only while it is of the version that is named; a message more makes
/// another.
#[utoipa::path(
    delete, path = "/conversations/{id}", operation_id = "deleteConversation", tag = "conversations",
    params(
        ("id" = String, Path, description = "The name of the conversation"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the conversation as it was last seen"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "Nothing of the caller's has this name, or it is gone already"),
        (status = 412, description = "It has changed meanwhile"),
    ),
)]
pub(super) async fn delete(
    Mine(history): Mine,
    Named(id): Named<ConversationId>,
    seen: IfMatch,
) -> Result<StatusCode, Problem> {
    match seen.version()? {
        Some(version) => history.delete_unchanged(id, version).await?,
        None => history.delete(id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}
