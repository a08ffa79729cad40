//! The server as it was. Its sessions end with the process, and whoever knows the name of one reads it.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tokio::sync::Mutex;

use super::{
    handlers::{Message, history, message, start},
    host::authenticate,
};

pub(super) fn server() -> Router {
    Router::new()
        .route("/api/chat/start", post(start))
        .route("/api/chat/{session_id}/message", post(message))
        .route("/api/chat/{session_id}/history", get(history))
        .with_state(Arc::<Sessions>::default())
        .layer(middleware::from_fn(authenticate))
}

#[derive(Default)]
pub(super) struct Sessions {
    pub(super) chat_sessions: Mutex<HashMap<String, Vec<Message>>>,
}
