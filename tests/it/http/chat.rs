//! The chat with the bot: start, message, history, and a bot that does not answer.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{
    app::App,
    bots::{Counter, Hesitant, Slow},
    fixtures,
};

#[tokio::test]
async fn what_is_said_and_answered_is_in_the_history() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;

        let started = app.post("/chat/start", &json!({ "title": "Oslo" })).answer().await;
        let history = started.header("location").strip_prefix("/api").unwrap().to_owned();
        let message = history.replace("/history", "/message");
        let first = app.post(&message, &json!({ "content": "Hello" })).answer().await.json();
        app.post(&message, &json!({ "content": "And now?" })).answer().await;

        assert_eq!(started.json()["conversation"]["title"], "Oslo", "{store}");
        assert_eq!(started.json()["session_id"], started.json()["conversation"]["session_id"]);
        assert_eq!(first["asked"]["content"], "Hello", "{store}");
        assert_eq!(
            (&first["reply"]["content"], &first["replayed"]),
            (&json!("1 messages"), &json!(false))
        );
        let told = ["Hello", "1 messages", "And now?", "3 messages"];
        assert_eq!(app.contents(&history).await, told, "{store}");
        let id = first["asked"]["conversation_id"].as_str().unwrap();
        assert_eq!(app.contents(&format!("/conversations/{id}/messages")).await, told, "{store}");
    }
}

#[tokio::test]
async fn a_conversation_that_was_created_can_be_chatted_in() {
    let app = App::new().await;
    let created = app.post("/conversations", &json!({})).answer().await.json();
    let message = format!("/chat/{}/message", created["session_id"].as_str().unwrap());

    assert_eq!(app.post(&message, &json!({ "content": "Hello" })).answer().await.status, 200);
}

#[tokio::test]
async fn a_bot_that_fails_keeps_the_message_and_tells_nothing() {
    let app = App::new().await;
    for text in ["fail", "panic", "nul"] {
        let session = app.session().await;

        let failed =
            app.post(&format!("{session}/message"), &json!({ "content": text })).answer().await;

        assert_eq!((failed.status.as_u16(), &*failed.problem().0), (502, "bot-failed"), "{text}");
        assert!(!failed.text().contains("secret"), "{}", failed.text());
        assert_eq!(app.contents(&format!("{session}/history")).await, [text]);
    }
}

#[tokio::test]
async fn a_message_that_was_kept_is_completed_by_its_key() {
    let app = App::with(Arc::<Hesitant>::default(), |http| http).await;
    let session = app.session().await;
    let (message, body) = (format!("{session}/message"), json!({ "content": "Hello" }));

    let failed = app.post(&message, &body).answer().await.json();
    let key = failed["idempotency_key"].as_str().unwrap();
    let answered = app.post(&message, &body).header("Idempotency-Key", key).answer().await;

    assert_eq!((failed["status"].clone(), answered.status.as_u16()), (json!(502), 200));
    assert_eq!(app.contents(&format!("{session}/history")).await, ["Hello", "at last"]);
}

#[tokio::test]
async fn a_bot_that_hangs_is_left_in_its_time_and_the_message_kept() {
    let no_time = Duration::ZERO;
    let app = App::with(Arc::new(Counter), |http| http.with_bot_timeout(no_time)).await;
    let session = app.session().await;

    let failed =
        app.post(&format!("{session}/message"), &json!({ "content": "hang" })).answer().await;

    assert_eq!((failed.status.as_u16(), &*failed.problem().0), (504, "bot-timeout"));
    assert!(failed.json()["idempotency_key"].is_string());
    assert_eq!(app.contents(&format!("{session}/history")).await, ["hang"]);
}

#[tokio::test]
async fn more_exchanges_than_the_host_allows_are_refused_before_anything_is_stored() {
    let bot = Arc::new(Slow::new(0));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http.with_max_exchanges(1)).await;
    let session = app.session().await;
    let message = format!("{session}/message");
    let mut first = Box::pin(app.post(&message, &json!({ "content": "one" })).answer());
    assert!((&mut first).now_or_never().is_none(), "the bot waits");

    let second = app.post(&message, &json!({ "content": "two" })).answer().await;
    assert_eq!(app.exchanges.under_way(), 1);
    bot.0.add_permits(3);
    let first = first.await;
    app.exchanges.finished().await;

    assert_eq!((second.status.as_u16(), &*second.problem().0), (503, "unavailable"));
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!((first.status.as_u16(), app.exchanges.under_way()), (200, 0));
    assert_eq!(app.contents(&format!("{session}/history")).await[0], "one");
    assert_eq!(app.contents(&format!("{session}/history")).await.len(), 2);
}

#[tokio::test]
async fn an_exchange_goes_on_when_nobody_waits_for_it() {
    let bot = Arc::new(Slow::new(0));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http).await;
    let session = app.session().await;

    let ask = app.post(&format!("{session}/message"), &json!({ "content": "Hello" }));
    assert!(ask.answer().now_or_never().is_none(), "the bot waits");
    bot.0.add_permits(3);
    app.exchanges.finished().await;

    let told = app.contents(&format!("{session}/history")).await;
    assert_eq!(told, ["Hello".to_owned(), Slow::PARTS.concat()]);
}

#[tokio::test]
async fn the_bot_is_handed_as_many_messages_as_the_host_says() {
    let two = scrollback::Limit::new(2).unwrap();
    let app = App::with(Arc::new(Counter), |http| http.with_window(two)).await;
    let session = app.session().await;
    let message = format!("{session}/message");

    app.post(&message, &json!({ "content": "one" })).answer().await;
    let second = app.post(&message, &json!({ "content": "two" })).answer().await.json();

    assert_eq!(second["reply"]["content"], "2 messages");
    assert_ne!(second["reply"]["key"], Value::Null);
}
