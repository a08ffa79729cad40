//! The reply as server-sent events.

use std::sync::Arc;

use axum::body::{BodyDataStream, Bytes};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::{
    app::App,
    ask::Ask,
    bots::{Counter, Slow},
};

fn ask<'a>(app: &'a App, session: &str, text: &str) -> Ask<'a> {
    let ask = app.post(&format!("{session}/message"), &json!({ "content": text }));
    ask.header("Accept", "application/json;q=0.5, text/event-stream")
}

/// The events of a text: their names and their data.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |event: &str| {
        let field = |name: &str| {
            let value = event.lines().find_map(|line| line.strip_prefix(name));
            value.map_or("", |value| value.trim_start_matches(": ")).to_owned()
        };
        (field("event"), serde_json::from_str(&field("data")).unwrap())
    };
    text.split("\n\n").filter(|event| !event.is_empty()).map(event).collect()
}

async fn next(body: &mut BodyDataStream) -> Vec<(String, Value)> {
    let bytes: Bytes = body.next().await.unwrap().unwrap();
    events(std::str::from_utf8(&bytes).unwrap())
}

#[tokio::test]
async fn the_parts_come_while_the_bot_goes_on_and_the_stored_message_last() {
    let bot = Arc::new(Slow::new(0));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http).await;
    let session = app.session().await;

    let (response, ()) =
        tokio::join!(ask(&app, &session, "Hello").response(), async { bot.0.add_permits(1) });
    let mut body = {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response.into_body().into_data_stream()
    };
    let first = next(&mut body).await;
    bot.0.add_permits(1);
    let second = next(&mut body).await;
    bot.0.add_permits(1);
    let third = next(&mut body).await;
    let last = next(&mut body).await;

    for (event, part) in [first, second, third].iter().zip(Slow::PARTS) {
        assert_eq!(event[..], [("token".to_owned(), json!({ "text": part }))]);
    }
    assert_eq!(last[0].0, "message");
    assert_eq!(last[0].1["reply"]["content"], Slow::PARTS.concat());
    assert!(body.next().await.is_none());
    assert_eq!(app.contents(&format!("{session}/history")).await.len(), 2);
}

#[tokio::test]
async fn a_client_that_goes_away_loses_no_reply() {
    let bot = Arc::new(Slow::new(1));
    let app = App::with(Arc::<Slow>::clone(&bot), |http| http).await;
    let session = app.session().await;

    let response = ask(&app, &session, "Hello").response().await;
    drop(response);
    bot.0.add_permits(2);
    app.exchanges.finished().await;

    let told = app.contents(&format!("{session}/history")).await;
    assert_eq!(told, ["Hello".to_owned(), Slow::PARTS.concat()]);
}

#[tokio::test]
async fn what_fails_after_the_first_part_is_a_problem_at_the_end() {
    let app = App::with(Arc::new(Slow::new(3)), |http| http).await;
    let session = app.session().await;

    let answer = ask(&app, &session, "fail at the end").answer().await;
    let events = events(&answer.text());

    let (name, problem) = events.last().unwrap();
    assert_eq!((answer.status.as_u16(), &**name), (200, "problem"));
    assert_eq!((&problem["status"], &problem["field"]), (&json!(502), &Value::Null));
    assert!(problem["idempotency_key"].is_string());
    assert_eq!(app.contents(&format!("{session}/history")).await, ["fail at the end"]);
}

#[tokio::test]
async fn what_fails_before_the_first_part_has_its_status() {
    let app = App::new().await;
    let session = app.session().await;

    let failed = ask(&app, &session, "fail").answer().await;
    let empty = ask(&app, &session, "").answer().await;

    assert_eq!((failed.status.as_u16(), &*failed.problem().0), (502, "bot-failed"));
    assert_eq!((empty.status.as_u16(), &*empty.problem().1), (400, "content is empty"));
}

#[tokio::test]
async fn a_bot_that_does_not_stream_gives_one_part_and_a_replay_none() {
    let app = App::with(Arc::new(Counter), |http| http).await;
    let session = app.session().await;
    let send = async || {
        let answer = ask(&app, &session, "Hello").header("Idempotency-Key", "k").answer().await;
        events(&answer.text())
    };

    let (first, again) = (send().await, send().await);

    assert_eq!(first[0], ("token".to_owned(), json!({ "text": "1 messages" })));
    let names: Vec<_> = first.iter().chain(&again).map(|(name, _)| &**name).collect();
    assert_eq!(names, ["token", "message", "message"]);
    assert_eq!(
        (&first[1].1["reply"], &again[0].1["replayed"]),
        (&again[0].1["reply"], &json!(true))
    );
}

#[tokio::test]
async fn a_reader_that_comes_late_gets_the_parts_as_one() {
    let app = App::with(Arc::new(Slow::new(3)), |http| http).await;
    let session = app.session().await;

    let response = ask(&app, &session, "Hello").response().await;
    app.exchanges.finished().await;
    let body: Vec<Bytes> = response.into_body().into_data_stream().try_collect().await.unwrap();
    let events = events(std::str::from_utf8(&body.concat()).unwrap());

    let text: String = events.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    assert_eq!(text, Slow::PARTS.concat());
    assert_eq!(events.last().unwrap().0, "message");
}
