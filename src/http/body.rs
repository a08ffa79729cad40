//! The body of a request: read to its limit, in its time, as JSON.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::http::{decode::decode, kind::Kind, problem::Problem, shared::Shared};

/// What a request sends.
pub(super) trait Payload: DeserializeOwned {
    /// What its fields may take as JSON, every character escaped.
    const MAX_BYTES: usize;
    /// Whether no body at all is the same as an empty object.
    const OPTIONAL: bool = false;
}

/// A character of one byte may be written in six: `\u0041`.
pub(super) const ESCAPED: usize = 6;

/// Names of fields, braces and a little white space.
pub(super) const AROUND: usize = 1 << 10;

/// The payload of a request.
pub(super) struct Sent<T>(pub(super) T);

impl<T: Payload> FromRequest<Arc<Shared>> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let json = is_json(&parts.headers);
        let absent = T::OPTIONAL && is_untyped(&parts.headers);
        if !json && !absent {
            return Err(Problem::new(Kind::MediaType));
        }
        let limit = T::MAX_BYTES.min(shared.settings.max_body);
        let bytes = match timeout(shared.settings.body_timeout, read(body, limit)).await {
            Ok(bytes) => bytes?,
            Err(_elapsed) => return Err(Problem::new(Kind::SlowBody)),
        };
        match json {
            true => Ok(Self(decode(&bytes)?)),
            false if bytes.is_empty() => Ok(Self(decode(b"{}")?)),
            false => Err(Problem::new(Kind::MediaType)),
        }
    }
}

/// Whether the body is said to be JSON. Forms of other sites cannot say so without being asked first.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(first), None) = (types.next(), types.next()) else { return false };
    let essence = first.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") && !headers.contains_key(CONTENT_ENCODING)
}

fn is_untyped(headers: &HeaderMap) -> bool {
    !headers.contains_key(CONTENT_TYPE) && !headers.contains_key(CONTENT_ENCODING)
}

/// At most `limit` bytes, whatever the head of the request said of its length.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.try_next().await.map_err(|_| cut_short())? {
        if chunk.len() > limit - bytes.len() {
            return Err(Problem::new(Kind::TooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn cut_short() -> Problem {
    Problem::invalid("body", "was cut short")
}
