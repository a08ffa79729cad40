//! The handlers of the old server. The new one has none of its own.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{before::Sessions, host::chatbot};

#[derive(Clone, Serialize)]
pub(super) struct Message {
    role: &'static str,
    content: String,
}

#[derive(Deserialize)]
pub(super) struct Said {
    content: String,
}

pub(super) async fn start(State(sessions): State<Arc<Sessions>>) -> (StatusCode, Json<Value>) {
    let session_id = Uuid::new_v4().to_string();
    sessions.chat_sessions.lock().await.insert(session_id.clone(), Vec::new());
    (StatusCode::CREATED, Json(json!({ "session_id": session_id })))
}

pub(super) async fn message(
    State(sessions): State<Arc<Sessions>>,
    Path(session_id): Path<String>,
    Json(Said { content }): Json<Said>,
) -> Result<Json<Value>, StatusCode> {
    let mut chat_sessions = sessions.chat_sessions.lock().await;
    let messages = chat_sessions.get_mut(&session_id).ok_or(StatusCode::NOT_FOUND)?;
    messages.push(Message { role: "user", content });
    let texts: Vec<_> = messages.iter().map(|message| &*message.content).collect();
    let reply = Message { role: "assistant", content: chatbot(&texts) };
    messages.push(reply.clone());
    Ok(Json(json!({ "reply": reply })))
}

pub(super) async fn history(
    State(sessions): State<Arc<Sessions>>,
    Path(session_id): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let chat_sessions = sessions.chat_sessions.lock().await;
    let messages = chat_sessions.get(&session_id).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(json!({ "items": messages })))
}
