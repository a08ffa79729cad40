//! What holds for every request and every answer.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::http::{kind::Kind, problem::Problem, shared::Shared};

/// The most that the header fields of a request may take together, names and values.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// Somebody's history is for no cache, no other type and no other site.
const EVERYWHERE: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match refusal(&shared, &request) {
        Some(kind) => Problem::new(kind).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in EVERYWHERE {
        response.headers_mut().insert(name, value);
    }
    response
}

fn refusal(shared: &Shared, request: &Request) -> Option<Kind> {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if bytes(headers) > MAX_HEADER_BYTES {
        return Some(Kind::HeadersTooLarge);
    }
    let refused = shared.settings.cross_site.refuses(method, uri, headers);
    refused.then_some(Kind::CrossSite)
}

fn bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
