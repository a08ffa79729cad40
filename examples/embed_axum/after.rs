//! The server as it is now. Its sessions are in a database, and everybody's are their own.

use std::sync::Arc;

use axum::{Router, http::request::Parts, middleware};
use scrollback::{
    BotError, ChatBot, ConversationStore, Message, NewMessage, UserId, async_trait,
    http::{self, NoCaller},
};

use super::host::{SignedIn, authenticate, chatbot};

pub(super) fn server(store: Arc<dyn ConversationStore>) -> Router {
    Router::new()
        .nest("/api", http::router(store, Arc::new(Bot), caller))
        .layer(middleware::from_fn(authenticate))
}

fn caller(parts: &Parts) -> Result<UserId, NoCaller> {
    let user = parts.extensions.get().map(|SignedIn(id)| UserId::new(*id));
    user.ok_or(NoCaller::Unknown)
}

#[derive(Debug)]
struct Bot;

#[async_trait]
impl ChatBot for Bot {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        let texts: Vec<_> = history.iter().map(|message| &*message.content).collect();
        Ok(NewMessage::assistant(chatbot(&texts)))
    }
}
