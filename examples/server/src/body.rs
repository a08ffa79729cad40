//! Small bodies of JSON, read to their limit and in their time.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
    response::IntoResponse,
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::problem::{MEDIA_TYPE, Problem, SLOW_BODY, TOO_LARGE};

const MAX_BYTES: usize = 4 << 10;

const PATIENCE: Duration = Duration::from_secs(10);

/// What a request sends as JSON; `shape` says what it must look like.
pub(crate) async fn read<T: DeserializeOwned>(
    mut request: Request,
    shape: &'static str,
) -> Result<T, Problem> {
    if !is_json(request.headers()) {
        return Err(MEDIA_TYPE);
    }
    DefaultBodyLimit::max(MAX_BYTES).apply(&mut request);
    let bytes = timeout(PATIENCE, Bytes::from_request(request, &())).await;
    let bytes = bytes.map_err(|_elapsed| SLOW_BODY)?.map_err(|refused| {
        match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE,
            _ => Problem::invalid("body", "was cut short"),
        }
    })?;
    // A list of the fields' values would do too, as serde sees it.
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    let read = is_object.then(|| serde_json::from_slice(&bytes).ok()).flatten();
    read.ok_or(Problem::invalid("body", shape))
}

/// Forms of other sites cannot say so without being asked first.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") && !headers.contains_key(CONTENT_ENCODING)
}
