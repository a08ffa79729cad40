//! A host with the endpoints below `/api`, and two users.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{Method, request::Parts},
};
use scrollback::{
    ChatBot, ConversationStore, MemoryStore, UserId,
    conformance::{Clones, Fixture},
    http::{Exchanges, Http, NoCaller},
};
use serde_json::Value;

use super::{ask::Ask, bots::Counter};

/// The host's authentication: whoever this names.
pub(super) const USER: &str = "x-test-user";

/// The router that is asked instead of an app's own.
pub(super) type Seed = fn(&App) -> Router;

/// No defect.
pub(super) fn as_it_is(app: &App) -> Router {
    app.router.clone()
}

pub(super) struct App {
    pub(super) router: Router,
    pub(super) document: Value,
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) bot: Arc<dyn ChatBot>,
    pub(super) exchanges: Exchanges,
    pub(super) ann: UserId,
    pub(super) ben: UserId,
    _fixture: Arc<dyn Fixture>,
}

impl App {
    /// Over a store in memory, with a bot that counts.
    pub(super) async fn new() -> Self {
        Self::with(Arc::new(Counter), |http| http).await
    }

    pub(super) async fn with(bot: Arc<dyn ChatBot>, set: impl FnOnce(Http) -> Http) -> Self {
        Self::over(Arc::new(Clones::new(MemoryStore::new())), bot, set).await
    }

    pub(super) async fn on(fixture: Arc<dyn Fixture>) -> Self {
        Self::over(fixture, Arc::new(Counter), |http| http).await
    }

    pub(super) async fn over(
        fixture: Arc<dyn Fixture>,
        bot: Arc<dyn ChatBot>,
        set: impl FnOnce(Http) -> Http,
    ) -> Self {
        let (ann, ben) = (fixture.owner().await, fixture.owner().await);
        let store = fixture.store().await;
        let http = Http::new(Arc::clone(&store), signed_in).with_bot(Arc::clone(&bot));
        let http = set(http.with_bot_timeout(Duration::from_secs(600)));
        let exchanges = http.exchanges();
        let router = Router::new().nest("/api", http.router());
        let document = Value::Null;
        let mut app = Self { router, document, store, bot, exchanges, ann, ben, _fixture: fixture };
        app.document = app.ask(Method::GET, "/openapi.json").answer().await.json();
        app
    }

    /// The same with this in front of it: nothing, or a defect.
    pub(super) fn behind(mut self, seed: Seed) -> Self {
        self.router = seed(&self);
        self
    }

    /// A request to what is at `path` below `/api`, from nobody yet.
    pub(super) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask::new(self, method, path)
    }

    pub(super) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path).by(self.ann)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Ask<'_> {
        self.ask(Method::POST, path).by(self.ann).json(body)
    }

    pub(super) fn patch(&self, path: &str, body: &Value) -> Ask<'_> {
        self.ask(Method::PATCH, path).by(self.ann).json(body)
    }

    pub(super) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path).by(self.ann)
    }

    /// A conversation of Ann's: its path.
    pub(super) async fn conversation(&self) -> String {
        let created = self.post("/conversations", &serde_json::json!({})).answer().await;
        format!("/conversations/{}", created.json()["id"].as_str().unwrap())
    }

    /// A session of Ann's: its path.
    pub(super) async fn session(&self) -> String {
        let started = self.ask(Method::POST, "/chat/start").by(self.ann).answer().await;
        format!("/chat/{}", started.json()["session_id"].as_str().unwrap())
    }

    /// The contents of what is stored below this path.
    pub(super) async fn contents(&self, messages: &str) -> Vec<String> {
        let page = self.get(messages).answer().await.json();
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["content"].as_str().unwrap().to_owned()).collect()
    }
}

pub(super) fn signed_in(parts: &Parts) -> Result<UserId, NoCaller> {
    let user = parts.headers.get(USER).and_then(|user| user.to_str().ok());
    user.and_then(|user| user.parse().ok()).map(UserId::new).ok_or(NoCaller::Unknown)
}
