//! Somebody who uses the server, over HTTP as a browser does.

use std::sync::Once;

use reqwest::{
    Client, Method, RequestBuilder, Response,
    header::{ACCEPT, COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::program::Program;

#[derive(Clone)]
pub(crate) struct Person {
    client: Client,
    server: String,
    /// As the header `Cookie` has it; empty for nobody.
    pub(crate) cookie: String,
}

impl Person {
    /// Has not signed in.
    pub(crate) fn nobody(program: &Program) -> Self {
        static TLS: Once = Once::new();
        TLS.call_once(|| {
            rustls::crypto::ring::default_provider().install_default().expect("it is the first");
        });
        let client = Client::builder().no_proxy().build().expect("a client needs nothing");
        Self { client, server: format!("http://{}", program.address()), cookie: String::new() }
    }

    pub(crate) async fn signed_in(program: &Program, name: &str) -> Self {
        let mut person = Self::nobody(program);
        let answer = person.post("/sign-in", &json!({ "name": name })).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        person.cookie = cookie.split(';').next().unwrap().to_owned();
        person
    }

    /// With the same cookie, after a restart.
    pub(crate) fn at(&self, program: &Program) -> Self {
        Self { server: format!("http://{}", program.address()), ..self.clone() }
    }

    /// With another cookie.
    pub(crate) fn with_cookie(&self, cookie: String) -> Self {
        Self { cookie, ..self.clone() }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.server));
        if self.cookie.is_empty() { request } else { request.header(COOKIE, &self.cookie) }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, path).json(body)
    }

    /// Starts a chat: the path of its session.
    pub(crate) async fn chat(&self) -> String {
        let started = json_of(self.post("/api/chat/start", &json!({})).send().await.unwrap()).await;
        format!("/api/chat/{}", started["session_id"].as_str().unwrap())
    }

    /// Says something, and waits for the whole answer.
    pub(crate) async fn say(&self, chat: &str, text: &str) -> Response {
        let said = self.post(&format!("{chat}/message"), &json!({ "content": text }));
        said.send().await.unwrap()
    }

    /// The reply to what is said.
    pub(crate) async fn told(&self, chat: &str, text: &str) -> String {
        let exchange = json_of(self.say(chat, text).await).await;
        exchange["reply"]["content"].as_str().unwrap().to_owned()
    }

    /// Says something; the answer comes as events.
    pub(crate) async fn say_streaming(&self, chat: &str, text: &str) -> Response {
        let said = self.post(&format!("{chat}/message"), &json!({ "content": text }));
        said.header(ACCEPT, "text/event-stream").send().await.unwrap()
    }

    /// What was said in a chat, by both.
    pub(crate) async fn history(&self, chat: &str) -> Vec<String> {
        let page = json_of(self.get(&format!("{chat}/history")).send().await.unwrap()).await;
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["content"].as_str().unwrap().to_owned()).collect()
    }
}

/// What an answer without fault holds.
pub(crate) async fn json_of(answer: Response) -> Value {
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// The status of a refusal, the last part of its type, and its field and reason.
pub(crate) async fn problem_of(answer: Response) -> (u16, String, String) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{status}");
    let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(problem["status"], status);
    let part = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    let kind = part("type").rsplit(':').next().unwrap().to_owned();
    (status, kind, format!("{} {}", part("field"), part("reason")).trim().to_owned())
}

/// The events of a stream: their names and their data.
pub(crate) fn events(text: &str) -> Vec<(String, Value)> {
    let event = |event: &str| {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let data = serde_json::from_str(field("data: ").unwrap()).unwrap();
        (field("event: ").unwrap().to_owned(), data)
    };
    text.split("\n\n").filter(|event| !event.is_empty()).map(event).collect()
}
