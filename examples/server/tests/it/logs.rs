//! What is logged, down to TRACE: enough to run the server, nothing of the people who use it.

use reqwest::header::COOKIE;
use serde_json::json;
use tempfile::tempdir;

use crate::{
    endpoint::{Endpoint, Manner, streams},
    person::{Person, json_of},
    program::Program,
};

/// In everything that must not be seen.
const CANARY: &str = "tweety-81c4";

#[tokio::test]
async fn nothing_of_what_is_said_by_whom_or_with_which_cookie_is_logged() {
    let folder = tempdir().unwrap();
    let endpoint = Endpoint::start([
        streams(&[CANARY]),
        streams(&["a ", CANARY]),
        Manner::Json(json!({ "error": CANARY })),
    ])
    .await;
    let url =
        format!("{}?{CANARY}", endpoint.url.replace("http://", &format!("http://ann:{CANARY}@")));
    let program = Program::start_with(folder.path(), |command| {
        command.args(["--bot-url", &url]).env("BOT_KEY", CANARY).env("RUST_LOG", "trace")
    })
    .await;
    let ann = Person::signed_in(&program, CANARY).await;

    let chat = everything(&ann).await;
    program.ask_to_stop();
    program.closed().await;

    let log = program.log();
    let session = chat.rsplit('/').next().unwrap();
    let (_, cookie) = ann.cookie.split_once('=').unwrap();
    for secret in [CANARY, session, cookie, &cookie[..44], &cookie[44..]] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
    let line = log.lines().find(|line| line.contains("route=/api/chat/{sessionId}/message"));
    assert!(line.unwrap().contains("method=POST") && line.unwrap().contains("status=200"), "{log}");
    assert!(log.contains(" TRACE ") || log.contains("DEBUG"), "more was logged than usual");
}

/// Every kind of request, answered and refused; the path of the chat it was said in.
async fn everything(ann: &Person) -> String {
    let chat = ann.chat().await;
    let message = format!("{chat}/message");
    ann.say(&chat, CANARY).await;
    ann.say_streaming(&chat, CANARY).await.text().await.unwrap();
    assert_eq!(ann.say(&chat, CANARY).await.status(), 502);
    let keyed = ann.post(&message, &json!({ "content": "\0" })).header("Idempotency-Key", CANARY);
    assert_eq!(keyed.send().await.unwrap().status(), 400);

    let new = json!({ "title": CANARY, "metadata": { CANARY: CANARY } });
    let new = json_of(ann.post("/api/conversations", &new).send().await.unwrap()).await;
    let path = format!("/api/conversations/{}", new["id"].as_str().unwrap());
    ann.ask(reqwest::Method::PATCH, &path).json(&json!({ "title": CANARY })).send().await.unwrap();
    for path in ["/me", "/metrics", "/readyz", "/api/me/export", &*format!("{chat}/history")] {
        assert_eq!(ann.get(path).send().await.unwrap().status(), 200, "{path}");
    }
    for path in [
        format!("/{CANARY}?{CANARY}={CANARY}"),
        format!("/api/{CANARY}"),
        format!("/api/chat/{CANARY}/history"),
        format!("/api/conversations?limit={CANARY}"),
    ] {
        let answer = ann.get(&path).header(COOKIE, format!("scrollback_user={CANARY}"));
        let status = answer.send().await.unwrap().status();
        assert!(status.is_client_error(), "{path}: {status}");
    }
    for body in [json!({ "name": format!("{CANARY}\u{0}") }), json!({ "name": CANARY, CANARY: 1 })]
    {
        assert_eq!(ann.post("/sign-in", &body).send().await.unwrap().status(), 400);
    }
    chat
}
