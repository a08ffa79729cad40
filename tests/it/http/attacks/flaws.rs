//! Servers with one defect each, as hosts and libraries have had them.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::HOST, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use scrollback::{ChatSessions, ConversationId, ConversationStore, SessionId, UserId};
use serde_json::{Value, json};
use tower::Layer;

use crate::http::app::{App, USER, signed_in};

pub(super) fn takes_the_owner_from_a_header(app: &App) -> Router {
    changed(app, |headers| {
        if let Some(named) = headers.get("x-user-id").cloned() {
            headers.insert(USER, named);
        }
    })
}

pub(super) fn takes_other_sites(app: &App) -> Router {
    changed(app, |headers| {
        headers.remove("origin");
        headers.remove("sec-fetch-site");
    })
}

pub(super) fn trusts_the_forwarded_host(app: &App) -> Router {
    changed(app, |headers| {
        if let Some(forwarded) = headers.get("x-forwarded-host").cloned() {
            headers.insert(HOST, forwarded);
        }
    })
}

pub(super) fn ignores_the_key(app: &App) -> Router {
    changed(app, |headers| _ = headers.remove("idempotency-key"))
}

/// Lets the fields of a request be changed before the router sees them.
fn changed(app: &App, change: fn(&mut HeaderMap)) -> Router {
    let change = from_fn(move |mut request: Request, next: Next| {
        change(request.headers_mut());
        next.run(request)
    });
    before(app, change)
}

/// In front of all, also of finding the way: a layer of the router's comes after that.
fn before<L>(app: &App, layer: L) -> Router
where
    L: Layer<Router>,
    L::Service: tower::Service<Request, Response = Response, Error = std::convert::Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    <L::Service as tower::Service<Request>>::Future: Send,
{
    Router::new().fallback_service(layer.layer(app.router.clone()))
}

pub(super) fn obeys_another_method(app: &App) -> Router {
    let obey = from_fn(|mut request: Request, next: Next| {
        let named = request.headers().get("x-http-method-override");
        let named = named.and_then(|name| Method::from_bytes(name.as_bytes()).ok());
        if let Some(method) = named {
            *request.method_mut() = method;
        }
        next.run(request)
    });
    before(app, obey)
}

/// As if every request on a connection were of whoever sent the first.
pub(super) fn remembers_the_caller(app: &App) -> Router {
    let known = Arc::new(Mutex::new(None::<HeaderValue>));
    let remember = from_fn(move |mut request: Request, next: Next| {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match request.headers().get(USER).cloned() {
            Some(user) => *known = Some(user),
            None => {
                request.headers_mut().extend(known.clone().map(|user| (USER.parse().ok(), user)));
            }
        }
        drop(known);
        next.run(request)
    });
    before(app, remember)
}

pub(super) fn takes_the_owner_from_the_body(app: &App) -> Router {
    before(app, from_fn(owner_of_the_body))
}

async fn owner_of_the_body(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut bytes = to_bytes(body, usize::MAX).await.unwrap();
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&bytes)
        && let Some(named) = fields.remove("user_id")
    {
        parts.headers.insert(USER, named.to_string().parse().unwrap());
        bytes = Value::Object(fields).to_string().into();
    }
    next.run(Request::from_parts(parts, bytes.into())).await
}

/// Reads whatever comes, for as long as it comes, to look at it first.
pub(super) fn reads_bodies_before_the_router_does(app: &App) -> Router {
    before(app, from_fn(read_first))
}

async fn read_first(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

pub(super) fn says_that_it_is_somebody_elses(app: &App) -> Router {
    let known = (Arc::clone(&app.store), app.ben);
    before(app, from_fn_with_state(known, tell_foreign_from_unknown))
}

async fn tell_foreign_from_unknown(
    State((store, ben)): State<(Arc<dyn ConversationStore>, UserId)>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        for id in path.split('/').filter_map(|part| part.parse::<ConversationId>().ok()) {
            if store.get(ben, id).await.is_ok() {
                return forbidden(response);
            }
        }
    }
    response
}

/// The same problem with another status.
fn forbidden(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::FORBIDDEN;
    let problem = json!({ "type": "urn:problem-type:scrollback:forbidden", "status": 403 });
    let body = problem.to_string();
    parts.headers.insert("content-length", body.len().into());
    Response::from_parts(parts, body.into())
}

/// The exchange is a part of the request, and ends with it.
pub(super) fn ends_with_its_client(app: &App) -> Router {
    let sessions = ChatSessions::new(Arc::clone(&app.store), Arc::clone(&app.bot));
    Router::new()
        .route("/api/chat/{session}/message", post(answer_here))
        .with_state(sessions)
        .fallback_service(app.router.clone())
}

async fn answer_here(
    State(sessions): State<ChatSessions>,
    Path(session): Path<String>,
    parts: Parts,
    body: String,
) -> Response {
    let user = signed_in(&parts).unwrap();
    let said: Value = serde_json::from_str(&body).unwrap();
    let session = SessionId::new(session).unwrap();
    match sessions.message(user, &session, said["content"].as_str().unwrap()).await {
        Ok(exchange) => exchange.reply.content.to_string().into_response(),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
