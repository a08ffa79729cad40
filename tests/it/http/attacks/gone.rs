//! F11 over HTTP: clients that go away while the bot thinks or speaks.

use std::sync::Arc;

use axum::http::Method;
use scrollback_proof::{F11, Trial};
use serde_json::json;
use tokio::task::yield_now;

use crate::http::{
    app::{App, Seed, as_it_is},
    bots::Slow,
    client::Client,
    served::{Served, by, request},
};

#[tokio::test]
async fn a_client_that_leaves_before_the_reply_finds_it_in_the_history() {
    let (tried, wrong) = left_before_the_reply(as_it_is).await;

    Trial::of(F11, "clients that left before the reply")
        .times(tried)
        .wrong("replies lost", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many left, and what is in the history where that is not the exchange.
pub(super) async fn left_before_the_reply(seed: Seed) -> (usize, Vec<String>) {
    let bot = Arc::new(Slow::new(0));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http).await.behind(seed);
    let (_served, session, mut client) = asked(&app, "application/json").await;
    let history = format!("{session}/history");
    while app.contents(&history).await.is_empty() {
        yield_now().await;
    }

    leave(&mut client).await;
    bot.0.add_permits(Slow::PARTS.len());
    app.exchanges.finished().await;

    (1, unlike_an_exchange(app.contents(&history).await))
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_reply_finds_all_of_it_in_the_history() {
    let bot = Arc::new(Slow::new(1));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http).await;
    let (_served, session, mut client) = asked(&app, "text/event-stream").await;
    assert_eq!(client.head().await.unwrap().0, 200);
    let first = String::from_utf8(client.chunk().await.unwrap()).unwrap();
    assert!(first.starts_with("event: token\n"), "{first}");

    leave(&mut client).await;
    bot.0.add_permits(Slow::PARTS.len() - 1);
    app.exchanges.finished().await;
    let wrong = unlike_an_exchange(app.contents(&format!("{session}/history")).await);

    Trial::of(F11, "clients that left in the middle of a reply")
        .wrong("replies lost", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// A client that waits for what the bot says, and where.
async fn asked(app: &App, accepted: &str) -> (Served, String, Client) {
    let session = app.session().await;
    let served = Served::of(app).await;
    let mut client = served.client().await;
    let fields = [by(app.ann), format!("Accept: {accepted}")];
    let body = json!({ "content": "Hello" }).to_string();
    client.send(request(&Method::POST, &format!("/api{session}/message"), &fields, &body)).await;
    (served, session, client)
}

/// Returns when the server has noticed, and has given the request up.
async fn leave(client: &mut Client) {
    client.end().await;
    client.rest().await;
}

fn unlike_an_exchange(contents: Vec<String>) -> Vec<String> {
    let expected = ["Hello".to_owned(), Slow::PARTS.concat()];
    (contents != expected).then(|| format!("{contents:?}")).into_iter().collect()
}
