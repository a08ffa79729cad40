//! Who is calling is the host's to say, and without a caller nothing is answered.

use axum::{
    Router,
    body::Body,
    extract::FromRequestParts,
    http::{Method, Request, StatusCode, request::Parts},
};
use std::sync::Arc;

use scrollback::{
    MemoryStore, UserId,
    http::{Http, NoCaller, extracted},
};
use tower::ServiceExt;

use super::{app::App, bots::Counter, mass_assignment::body, matrix::operations};

#[tokio::test]
async fn nobody_is_answered_before_anything_else_is_looked_at() {
    let app = App::new().await;

    for (id, method, path) in operations(&app.document) {
        let path = path.replace("{id}", "1").replace("{sessionId}", "1");
        let ask = app.ask(method, &path);
        let answer = match body(&id) {
            Some(_) => ask.header("content-type", "text/plain").body("not JSON").answer().await,
            None => ask.answer().await,
        };

        assert_eq!(
            (answer.status.as_u16(), &*answer.problem().0),
            (401, "unauthenticated"),
            "{id}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{id}");
    }
}

#[tokio::test]
async fn why_nobody_is_known_decides_the_status() {
    for (why, status) in
        [(NoCaller::Unknown, 401), (NoCaller::Forbidden, 403), (NoCaller::Unavailable, 503)]
    {
        let caller = move |_: &Parts| Err(why);
        let router = Http::new(Arc::new(MemoryStore::new()), caller).router();

        assert_eq!(status_of(router, "/conversations").await, status, "{why:?}");
    }
}

#[tokio::test]
async fn an_extractor_of_the_hosts_is_a_caller() {
    struct Current(i64);

    impl FromRequestParts<i64> for Current {
        type Rejection = StatusCode;

        async fn from_request_parts(parts: &mut Parts, state: &i64) -> Result<Self, StatusCode> {
            match parts.uri.query() {
                Some("forbidden") => Err(StatusCode::FORBIDDEN),
                Some("away") => Err(StatusCode::BAD_GATEWAY),
                Some("elsewhere") => Err(StatusCode::SEE_OTHER),
                _ => Ok(Self(*state)),
            }
        }
    }

    let router = || {
        let caller = extracted(7, |Current(id)| UserId::new(id));
        Http::new(Arc::new(MemoryStore::new()), caller).with_bot(Arc::new(Counter)).router()
    };

    for (path, status) in [
        ("/conversations", 200),
        ("/conversations?forbidden", 403),
        ("/conversations?away", 503),
        ("/conversations?elsewhere", 401),
    ] {
        assert_eq!(status_of(router(), path).await, status, "{path}");
    }
}

#[tokio::test]
async fn without_a_bot_there_is_no_chat() {
    let caller = |_: &Parts| Ok(UserId::new(1));
    let router = || Http::new(Arc::new(MemoryStore::new()), caller).router();

    assert_eq!(status_of(router(), "/chat/x/history").await, 404);
    assert_eq!(status_of(router(), "/conversations").await, 200);
}

async fn status_of(router: Router, path: &str) -> u16 {
    let request = Request::builder().method(Method::GET).uri(path).body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap().status().as_u16()
}
