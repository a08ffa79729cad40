//! I7 over HTTP: what is sent again with its key is done once.

use axum::http::Method;
use scrollback_proof::{I7, Trial};
use serde_json::{Value, json};

use super::{
    app::{App, Seed, as_it_is},
    fixtures,
    mass_assignment::body,
    matrix::operations,
};

const KEY: &str = "Idempotency-Key";

#[tokio::test]
async fn every_post_is_safe_to_send_again_with_its_key() {
    let (tried, wrong) = requests_sent_again(as_it_is).await;

    Trial::of(I7, "requests sent again over HTTP")
        .times(tried)
        .wrong("done twice", wrong.len())
        .record();
    assert!(tried >= 8, "{tried}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many were sent again, and which of them were done again.
pub(super) async fn requests_sent_again(seed: Seed) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await.behind(seed);
        let (chat, session) = (app.conversation().await, app.session().await);
        let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        for (id, method, path) in operations(&app.document) {
            if method != Method::POST {
                continue;
            }
            let path = path.replace("{id}", &name(&chat)).replace("{sessionId}", &name(&session));
            let send = async |key: &str| {
                app.post(&path, &body(&id).unwrap()).header(KEY, key).answer().await
            };
            let first = send("a b".replace(' ', "/").as_str()).await;
            let stored = exported(&app).await;
            let again = send("\"a/b\"").await;
            tried += 1;

            let same = (first.status, same_but_replayed(first.json()))
                == (again.status, same_but_replayed(again.json()));
            let location = first.header("location") == again.header("location");
            let said = again.header("idempotency-replayed") == "true"
                && first.header("idempotency-replayed").is_empty();
            if !same || !location || !said || exported(&app).await != stored {
                wrong.push(format!("{store} {id}: {} then {}", first.text(), again.text()));
            }
        }
    }
    (tried, wrong)
}

#[tokio::test]
async fn a_key_that_was_used_for_something_else_is_a_conflict() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let (chat, session) = (app.conversation().await, app.session().await);
        for (path, one, other) in [
            ("/conversations".to_owned(), json!({ "title": "one" }), json!({ "title": "other" })),
            ("/chat/start".to_owned(), json!({}), json!({ "metadata": { "a": 1 } })),
            (
                format!("{chat}/messages"),
                json!({ "role": "user", "content": "one" }),
                json!({ "role": "assistant", "content": "one" }),
            ),
            (
                format!("{session}/message"),
                json!({ "content": "one" }),
                json!({ "content": "other" }),
            ),
        ] {
            let first = app.post(&path, &one).header(KEY, "k").answer().await;
            let second = app.post(&path, &other).header(KEY, "k").answer().await;

            assert!(first.status.is_success(), "{store} {path}: {}", first.text());
            let refused = (second.status.as_u16(), second.problem().0);
            assert_eq!(refused, (409, "key-reused".to_owned()), "{store} {path}");
        }
    }
}

#[tokio::test]
async fn a_conversation_that_has_changed_is_still_that_of_its_key() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let body = json!({ "title": "Old" });
        let created = app.post("/conversations", &body).header(KEY, "k").answer().await.json();
        let path = format!("/conversations/{}", created["id"].as_str().unwrap());
        app.patch(&path, &json!({ "title": "New" })).answer().await;

        let again = app.post("/conversations", &body).header(KEY, "k").answer().await;

        assert_eq!(
            (again.status.as_u16(), &again.json()["title"]),
            (201, &json!("New")),
            "{store}"
        );
        assert_eq!(again.json()["id"], created["id"], "{store}");
    }
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let app = App::new().await;
    let path = format!("{}/messages", app.conversation().await);
    let message = json!({ "role": "user", "content": "hello" });
    let form = "Idempotency-Key is not 1 to 249 visible ASCII characters";

    for (key, refused) in [
        ("", form),
        ("\"\"", form),
        ("two words", form),
        (
            &*"k".repeat(250),
            "Idempotency-Key is longer than 249 bytes, so none is left for the reply",
        ),
        (&*"k".repeat(300), "Idempotency-Key is longer than 255 bytes"),
        ("k/reply", "Idempotency-Key ends in /reply, as the keys of replies do"),
    ] {
        let answer = app.post(&path, &message).header(KEY, key).answer().await;

        assert_eq!((answer.status.as_u16(), &*answer.problem().1), (400, refused), "{key}");
    }
    let twice = app.post(&path, &message).header(KEY, "a").header(KEY, "b").answer().await;
    assert_eq!(twice.problem().1, "Idempotency-Key is given twice");
    let longest = app.post("/chat/start", &json!({})).header(KEY, &"k".repeat(249)).answer().await;
    assert_eq!(longest.status, 201);
    assert_eq!(app.contents(&path).await, Vec::<String>::new());
}

async fn exported(app: &App) -> String {
    app.get("/me/export").answer().await.text()
}

fn same_but_replayed(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("replayed");
    }
    body
}
