//! `Idempotency-Key`: what makes a request safe to send again.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};

use crate::{chat_exchange::reply_key, http::problem::Problem, key::TurnKey};

const HEADER: &str = "Idempotency-Key";

/// The key that a client has chosen for a request, if it has.
///
/// With quotes, as the structured field of the IETF's draft, or without: the same key.
pub(super) struct Key(pub(super) Option<TurnKey>);

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut sent = parts.headers.get_all(HEADER).iter();
        match (sent.next(), sent.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => Ok(Self(Some(read(value)?))),
            (Some(_), Some(_)) => Err(Problem::invalid(HEADER, "is given twice")),
        }
    }
}

fn read(value: &HeaderValue) -> Result<TurnKey, Problem> {
    let text = value.to_str().unwrap_or_default().trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let text = quoted.unwrap_or(text);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::invalid(HEADER, "is not 1 to 249 visible ASCII characters"));
    }
    let key = TurnKey::new(text)?;
    // No message of a client's may be taken for a reply.
    reply_key(&key)?;
    Ok(key)
}

/// Says that the answer is that of an earlier request with the same key.
pub(super) fn replayed(replayed: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        headers.insert(name, HeaderValue::from_static("true"));
    }
    headers
}
