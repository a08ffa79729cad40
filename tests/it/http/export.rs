//! All that is the caller's, as JSON Lines.

use std::collections::HashSet;

use axum::body::{BodyDataStream, Bytes};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::{app::App, fixtures};

#[tokio::test]
async fn everything_of_the_callers_is_exported_and_nothing_else() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let (active, archived) = (app.conversation().await, app.conversation().await);
        // More than a page of them.
        for n in 1..=60 {
            let body = json!({ "role": "user", "content": format!("m{n}\n") });
            app.post(&format!("{active}/messages"), &body).answer().await;
        }
        app.patch(&archived, &json!({ "archived": true })).answer().await;
        app.ask(axum::http::Method::POST, "/chat/start").by(app.ben).answer().await;

        let export = app.get("/me/export").answer().await;
        let lines = lines(&export.body);

        assert_eq!(export.header("content-type"), "application/jsonl");
        assert_eq!(lines.len(), 2 + 60 + 1, "{store}");
        assert_eq!(lines[0]["conversation"], app.get(&active).answer().await.json(), "{store}");
        for (line, n) in lines[1..].iter().zip(1..=60) {
            assert_eq!(line["message"]["content"], format!("m{n}\n"), "{store}");
        }
        assert_eq!(lines[61]["conversation"]["archived"], true, "{store}");
        assert_eq!(lines[62], json!({ "end": { "conversations": 2, "messages": 60 } }), "{store}");
    }
}

#[tokio::test]
async fn a_conversation_that_moves_during_the_export_is_not_missed() {
    let app = App::new().await;
    let oldest = app.conversation().await;
    // More than a page of them, and more than the export writes ahead.
    for _ in 0..60 {
        app.conversation().await;
    }

    let response = app.get("/me/export").response().await;
    let mut body: BodyDataStream = response.into_body().into_data_stream();
    let first: Bytes = body.next().await.unwrap().unwrap();
    app.patch(&oldest, &json!({ "title": "moved" })).answer().await;
    let rest: Vec<Bytes> = body.try_collect().await.unwrap();

    let lines = lines(&[&first[..], &rest.concat()].concat());
    let ids: HashSet<_> =
        lines.iter().filter_map(|line| line["conversation"]["id"].as_str()).collect();
    assert_eq!((ids.len(), lines.len()), (61, 62));
    assert!(ids.contains(oldest.rsplit('/').next().unwrap()));
}

fn lines(body: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(body).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
