//! An endpoint of chat completions, on the loopback, in the manner that a test needs.

use std::{
    collections::VecDeque,
    future, io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

/// How one request is answered.
#[derive(Clone)]
pub(crate) enum Manner {
    /// As server-sent events.
    Streams(Vec<Step>),
    /// As JSON, all at once.
    Json(Value),
    Status(u16),
    Redirect(String),
    Hangs,
}

/// What comes next in a stream.
#[derive(Clone)]
pub(crate) enum Step {
    Say(String),
    /// These bytes as they are.
    Raw(&'static str),
    /// Until the test lets it go on.
    Wait,
    Cut,
}

/// What was asked.
pub(crate) struct Asked {
    pub(crate) authorization: Option<String>,
    pub(crate) question: Value,
}

/// A running endpoint; it ends with the test's runtime.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    manners: Mutex<VecDeque<Manner>>,
    asked: Mutex<Vec<Asked>>,
    go_on: Semaphore,
}

impl Endpoint {
    /// Answers each request in the next of these manners.
    pub(crate) async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
        let manners = Mutex::new(manners.into_iter().collect());
        let (asked, go_on) = (Mutex::default(), Semaphore::new(0));
        let shared = Arc::new(Shared { manners, asked, go_on });
        let app = Router::new().route("/v1/chat/completions", post(complete));
        let app = app.with_state(Arc::clone(&shared));
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, shared }
    }

    /// Lets one who waits go on.
    pub(crate) fn go_on(&self) {
        self.shared.go_on.add_permits(1);
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A stream that ends as it should.
pub(crate) fn streams(words: &[&str]) -> Manner {
    let said = words.iter().map(|word| Step::Say((*word).to_owned()));
    Manner::Streams(said.chain([DONE]).collect())
}

pub(crate) const DONE: Step = Step::Raw("data: [DONE]\n\n");

async fn complete(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(question): Json<Value>,
) -> Response {
    let authorization = headers.get("authorization").map(|key| key.to_str().unwrap().to_owned());
    let asked = Asked { authorization, question };
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let next = shared.manners.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    match next.expect("no more is asked than the test expects") {
        Manner::Streams(steps) => stream_of(shared, steps),
        Manner::Json(body) => Json(body).into_response(),
        Manner::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Redirect(url) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", url)]).into_response()
        }
        Manner::Hangs => future::pending().await,
    }
}

fn stream_of(shared: Arc<Shared>, steps: Vec<Step>) -> Response {
    let steps = stream::unfold((shared, steps.into_iter()), |(shared, mut steps)| async {
        let said = match steps.next()? {
            Step::Say(text) => {
                let part = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
                Ok(format!("data: {part}\n\n"))
            }
            Step::Raw(text) => Ok(text.to_owned()),
            Step::Wait => {
                shared.go_on.acquire().await.unwrap().forget();
                Ok(": waited\n\n".to_owned())
            }
            Step::Cut => Err(io::Error::other("cut")),
        };
        Some((said, (shared, steps)))
    });
    ([(CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(steps)).into_response()
}
