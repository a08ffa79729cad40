//! Which path leads where, and what every request goes through.

use std::sync::Arc;

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
    routing::{get, post},
};

use crate::{
    assets, cross_site, health, host, observe,
    problem::{METHOD_NOT_ALLOWED, NOTHING_HERE},
    shared::Shared,
    sign_in, signed_in,
};

/// `api` is what `scrollback::http` serves: it is all of the chat.
pub(crate) fn router(shared: Arc<Shared>, api: Router) -> Router {
    let authentication = Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/me", get(sign_in::me))
        .layer(from_fn(cross_site::refuse));
    let operation = Router::new()
        .route("/healthz", get(health::lives))
        .route("/readyz", get(health::serves))
        .route("/metrics", get(health::metrics));
    let own = Router::new()
        .merge(assets::router())
        .merge(authentication)
        .merge(operation)
        .method_not_allowed_fallback(async || METHOD_NOT_ALLOWED)
        .with_state(Arc::clone(&shared));

    // What is added last sees a request first.
    own.nest("/api", api)
        .fallback(async || NOTHING_HERE)
        .layer(from_fn_with_state(Arc::clone(&shared), signed_in::identify))
        .layer(from_fn_with_state(Arc::clone(&shared), host::refuse_others))
        .layer(map_response(guard))
        .layer(from_fn_with_state(shared, observe::observe))
}

/// What every answer says, unless it says otherwise itself.
const EVERYWHERE: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

async fn guard(mut response: Response) -> Response {
    for (name, value) in EVERYWHERE {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
