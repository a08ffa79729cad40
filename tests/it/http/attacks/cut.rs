//! F11, I7 over HTTP: connections that are cut or half closed while a request is sent.

use axum::http::Method;
use scrollback_proof::{F11, I7, Trial};
use serde_json::json;

use crate::http::{
    app::App,
    mass_assignment::body,
    matrix::operations,
    served::{Served, by, request},
};

#[tokio::test]
async fn a_request_that_was_cut_anywhere_has_stored_nothing() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let served = Served::of(&app).await;
    let body = json!({ "role": "user", "content": "cut" }).to_string();
    let whole = request(&Method::POST, &format!("/api{chat}/messages"), &[by(app.ann)], &body);

    let mut answered = 0;
    for cut in 0..whole.len() {
        let mut client = served.client().await;
        client.send(&whole[..cut]).await;
        client.end().await;
        let rest = String::from_utf8(client.rest().await).unwrap();
        answered += usize::from(rest.contains(" 201 "));
    }
    let stored = app.contents(&format!("{chat}/messages")).await.len();

    Trial::of(F11, "requests over HTTP, cut at every byte")
        .times(whole.len())
        .wrong("answered as done", answered)
        .wrong("stored", stored)
        .record();
    assert_eq!((answered, stored), (0, 0));
    assert_eq!(served.ask(&whole).await.unwrap().status, 201, "uncut, it is a good one");
}

#[tokio::test]
async fn what_was_sent_on_a_half_closed_connection_is_done_once_when_it_is_sent_again() {
    let app = App::new().await;
    let (chat, session) = (app.conversation().await, app.session().await);
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let served = Served::of(&app).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for (id, method, path) in operations(&app.document) {
        if method != Method::POST {
            continue;
        }
        let path = path.replace("{id}", &name(&chat)).replace("{sessionId}", &name(&session));
        let fields = [by(app.ann), "Idempotency-Key: half-closed".to_owned()];
        let body = body(&id).unwrap().to_string();
        let whole = request(&method, &format!("/api{path}"), &fields, &body);

        let mut client = served.client().await;
        client.send(&whole).await;
        client.end().await;
        client.rest().await;
        let again = served.ask(&whole).await.unwrap();
        app.exchanges.finished().await;
        let stored = app.get("/me/export").answer().await.text();
        let once_more = served.ask(&whole).await.unwrap();

        tried += 1;
        let same = stored == app.get("/me/export").answer().await.text();
        let told = once_more.headers.contains_key("idempotency-replayed");
        if !again.status.is_success() || again.status != once_more.status || !same || !told {
            wrong.push(format!("{id}: {} then {}", again.text(), once_more.text()));
        }
    }
    let told = app.contents(&format!("{session}/history")).await;

    Trial::of(I7, "requests on half-closed connections, sent again")
        .times(tried)
        .wrong("done twice or lost", wrong.len())
        .record();
    assert!(tried >= 4, "{tried}");
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(told, ["hello", "1 messages"]);
}
