//! A client that was written for the old server.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::Child,
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    examples::example,
    http::{ask::Answer, client::Client, served::request},
};

/// The program, until it is dropped.
pub(super) struct Running {
    address: SocketAddr,
    child: Child,
}

impl Running {
    pub(super) fn start(version: &str, folder: &Path) -> Self {
        let mut child =
            example("embed_axum", folder).args([version, "--port", "0"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("Listening on http://").unwrap();
        Self { address: address.parse().unwrap(), child }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// All that the client can ask, and what it reads of the answers; and the session that it has talked in.
pub(super) async fn converse(server: &Running) -> (Vec<String>, String) {
    let started = ask(server, Method::POST, "start", "ann", "").await;
    let session = started.json()["session_id"].as_str().unwrap().to_owned();
    let told = vec![
        format!("{} a session", started.status.as_u16()),
        history(server, "ann", &session).await,
        say(server, "ann", &session, "Hello").await,
        say(server, "ann", &session, "Still there?").await,
        history(server, "ann", &session).await,
        say(server, "ann", "unknown", "Hello").await,
        history(server, "ann", "unknown").await,
        say(server, "nobody", &session, "Hello").await,
        history(server, "nobody", &session).await,
        ask(server, Method::GET, "start", "ann", "").await.status.to_string(),
    ];
    (told, session)
}

async fn say(server: &Running, user: &str, session: &str, text: &str) -> String {
    let body = json!({ "content": text }).to_string();
    let answer = ask(server, Method::POST, &format!("{session}/message"), user, &body).await;
    read(&answer, |body| said(&body["reply"]))
}

pub(super) async fn history(server: &Running, user: &str, session: &str) -> String {
    let answer = ask(server, Method::GET, &format!("{session}/history"), user, "").await;
    read(&answer, |body| {
        let messages = body["items"].as_array().unwrap().iter();
        messages.map(said).collect::<Vec<_>>().join(" | ")
    })
}

async fn ask(server: &Running, method: Method, path: &str, user: &str, body: &str) -> Answer {
    let token = format!("Authorization: Bearer token-of-{user}");
    let mut client = Client::connect(server.address).await;
    client.send(request(&method, &format!("/api/chat/{path}"), &[token], body)).await;
    client.answer().await.unwrap()
}

/// The status, and what it is for; of what fails it knows no more than the status.
fn read(answer: &Answer, of: impl Fn(Value) -> String) -> String {
    let text = if answer.status.is_success() { of(answer.json()) } else { String::new() };
    format!("{} {text}", answer.status.as_u16())
}

fn said(message: &Value) -> String {
    let part = |name: &str| message[name].as_str().unwrap().to_owned();
    format!("{}: {}", part("role"), part("content"))
}
