//! Which path leads where.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};

use crate::http::{
    chat, conversations, guard::guard, kind::Kind, me, messages, openapi, page, problem::Problem,
    shared::Shared,
};

pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    for (path, methods) in endpoints(shared.chat.is_some()) {
        // With a slash at the end and without: clients write either.
        router = router.route(&format!("{path}/"), methods.clone()).route(path, methods);
    }
    let guarded = middleware::from_fn_with_state(Arc::clone(&shared), guard);
    router
        .method_not_allowed_fallback(async || Problem::new(Kind::MethodNotAllowed))
        .fallback(async || Problem::new(Kind::NoEndpoint))
        .layer(guarded)
        .with_state(shared)
}

fn endpoints(with_bot: bool) -> Vec<(&'static str, MethodRouter<Arc<Shared>>)> {
    let mut endpoints = vec![
        ("/conversations", get(conversations::list).post(conversations::create)),
        (
            "/conversations/{id}",
            get(conversations::read).patch(conversations::change).delete(conversations::delete),
        ),
        ("/conversations/{id}/messages", get(messages::list).post(messages::add)),
        ("/me/conversations", axum::routing::delete(me::erase)),
        ("/me/export", get(me::export)),
        (openapi::PATH, get(openapi::serve)),
        (page::PATH, get(page::serve)),
        ("/docs.css", get(page::style)),
    ];
    if with_bot {
        endpoints.extend([
            ("/chat/start", post(chat::start)),
            ("/chat/{sessionId}/message", post(chat::message)),
            ("/chat/{sessionId}/history", get(chat::history)),
        ]);
    }
    endpoints
}
