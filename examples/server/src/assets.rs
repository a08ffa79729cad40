//! The page: plain files, embedded, without a build step.

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};

const HTML: &str = "text/html; charset=utf-8";

/// Where each file is served, as what, and the file.
const ASSETS: [(&str, &str, &str); 1] = [("/", HTML, include_str!("../page/index.html"))];

/// The page runs its own scripts and talks to its own server. What somebody wrote stays text, and should
/// it ever not, it still loads nothing and runs nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // A new version of the server has a new page.
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS.into_iter().fold(Router::new(), |router, (path, kind, content)| {
        router.route(path, get(async move || serve(kind, content)))
    })
}

fn serve(kind: &'static str, content: &'static str) -> Response {
    (HEADERS, [(CONTENT_TYPE, kind)], content).into_response()
}
