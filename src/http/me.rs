//! All that the caller has: erase it, or take it along.

use axum::{
    body::Body,
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::http::{caller::Mine, export, json::Json, problem::Problem, wire};

/// Erase all my conversations
///
/// Answers with a receipt. Erasing nothing is no error.
#[utoipa::path(
    delete, path = "/me/conversations", operation_id = "eraseMine", tag = "me",
    responses((status = 200, body = wire::Erased, description = "All is gone; so much it was")),
)]
pub(super) async fn erase(Mine(history): Mine) -> Result<Response, Problem> {
    Ok(Json(wire::Erased::from(history.erase().await?)).into_response())
}

/// Export all my conversations
///
/// As JSON Lines: `{"conversation": ..}`, followed by a `{"message": ..}` for each of its messages, for
/// every conversation; and last `{"end": {"conversations": n, "messages": n}}`. An export without that
/// line is not whole; where the server knows why, it ends with `{"problem": ..}`.
#[utoipa::path(
    get, path = "/me/export", operation_id = "exportMine", tag = "me",
    responses((status = 200, body = String, content_type = "application/jsonl", description = "All of it")),
)]
pub(super) async fn export(Mine(history): Mine) -> Response {
    (EXPORT, Body::from_stream(export::lines(history))).into_response()
}

const EXPORT: [(HeaderName, HeaderValue); 2] = [
    (CONTENT_TYPE, HeaderValue::from_static("application/jsonl")),
    (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"conversations.jsonl\"")),
];
