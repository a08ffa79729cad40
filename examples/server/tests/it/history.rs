//! What this is all about: what was said is there, after whatever happened to the server.

use reqwest::Method;
use serde_json::json;
use tempfile::tempdir;

use crate::{
    person::{Person, json_of},
    program::Program,
};

#[tokio::test]
async fn a_history_and_who_signed_in_survive_a_restart() {
    let folder = tempdir().unwrap();
    let first = Program::start(folder.path()).await;
    let ann = Person::signed_in(&first, "ann").await;
    let chat = ann.chat().await;
    ann.told(&chat, "My name is Ann.").await;
    let before = ann.history(&chat).await;

    first.stop().await;
    let whole = !folder.path().join("scrollback.db-wal").exists();
    let second = Program::start(folder.path()).await;

    assert!(whole, "stopped in good order, it leaves one file");
    let ann = ann.at(&second);
    assert_eq!(ann.history(&chat).await, before);
    assert_eq!(before, ["My name is Ann.", "Nice to meet you, Ann!"]);
    assert_eq!(ann.told(&chat, "What is my name?").await, "Your name is Ann, you told me.");
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempdir().unwrap();
    let first = Program::start(folder.path()).await;
    let ann = Person::signed_in(&first, "ann").await;
    let chat = ann.chat().await;
    let reply = ann.told(&chat, "Remember the tea.").await;

    first.kill().await;
    let second = Program::start(folder.path()).await;

    assert_eq!(ann.at(&second).history(&chat).await, ["Remember the tea.".to_owned(), reply]);
}

#[tokio::test]
async fn the_same_name_is_the_same_person_and_another_is_not() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    ann.told(&chat, "A secret of Ann's").await;

    let again = Person::signed_in(&program, " ann ").await;
    let ben = Person::signed_in(&program, "Ann").await;

    assert_eq!(again.history(&chat).await.len(), 2);
    let listed = json_of(ben.get("/api/conversations").send().await.unwrap()).await;
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn what_is_somebody_elses_is_refused_like_what_does_not_exist() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let ben = Person::signed_in(&program, "ben").await;
    let chat = ann.chat().await;
    let id = json_of(ann.get("/api/conversations").send().await.unwrap()).await;
    let id = id["items"][0]["id"].as_str().unwrap().to_owned();

    for (method, foreign, unknown) in [
        (Method::GET, format!("{chat}/history"), "/api/chat/none/history".to_owned()),
        (Method::POST, format!("{chat}/message"), "/api/chat/none/message".to_owned()),
        (Method::GET, format!("/api/conversations/{id}"), "/api/conversations/99".to_owned()),
        (Method::PATCH, format!("/api/conversations/{id}"), "/api/conversations/99".to_owned()),
        (Method::DELETE, format!("/api/conversations/{id}"), "/api/conversations/99".to_owned()),
    ] {
        let body = match method {
            Method::POST => json!({ "content": "Hello" }),
            _ => json!({ "title": "Mine" }),
        };
        let mut answers = Vec::new();
        for path in [&foreign, &unknown] {
            let mut request = ben.ask(method.clone(), path);
            if matches!(method, Method::POST | Method::PATCH) {
                request = request.json(&body);
            }
            let answer = request.send().await.unwrap();
            let mut headers = answer.headers().clone();
            headers.remove("date");
            answers.push((answer.status(), headers, answer.bytes().await.unwrap()));
        }
        assert_eq!(answers[0].0, 404, "{method} {foreign}");
        assert_eq!(answers[0], answers[1], "{method} {foreign}");
    }
    assert!(ann.history(&chat).await.is_empty());
}
