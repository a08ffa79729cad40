//! An endpoint like that of OpenAI, which says half of its reply and waits to be allowed the rest.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::{net::TcpListener, sync::Semaphore};

pub(super) const FIRST_HALF: &str = "Once upon a time";
pub(super) const SECOND_HALF: &str = " there was an end.";

/// Ends with the test, whose runtime runs it.
pub(super) struct HesitantBot {
    pub(super) url: String,
    allowed: Arc<Semaphore>,
}

impl HesitantBot {
    pub(super) async fn start() -> Self {
        let allowed = Arc::new(Semaphore::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&allowed));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, allowed }
    }

    /// Lets it finish so many replies, those that it has begun and those to come.
    pub(super) fn allow(&self, replies: usize) {
        self.allowed.add_permits(replies);
    }
}

async fn answer(State(allowed): State<Arc<Semaphore>>) -> Response {
    let rest = stream::once(async move {
        allowed.acquire().await.unwrap().forget();
        part(SECOND_HALF) + "data: [DONE]\n\n"
    });
    let parts = stream::iter([part(FIRST_HALF)]).chain(rest).map(Ok::<_, Infallible>);
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(parts)).into_response()
}

fn part(text: &str) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
}
