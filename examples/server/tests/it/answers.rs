//! What is asked of the server and is not there.

use reqwest::Method;
use tempfile::tempdir;

use crate::{
    person::{Person, problem_of},
    program::Program,
};

#[tokio::test]
async fn what_is_not_there_and_methods_that_are_not_taken_are_problems() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let made_up = Method::from_bytes(b"BREW").unwrap();

    for (method, path, status, kind) in [
        (Method::GET, "/nothing", 404, "no-endpoint"),
        (Method::GET, "/index.html/", 404, "no-endpoint"),
        (Method::GET, "/../src/main.rs", 404, "no-endpoint"),
        (Method::GET, "/api", 404, "no-endpoint"),
        (Method::GET, "/api/", 404, "no-endpoint"),
        (Method::GET, "/api/nothing", 404, "no-endpoint"),
        (Method::POST, "/", 405, "method-not-allowed"),
        (Method::GET, "/sign-in", 405, "method-not-allowed"),
        (made_up, "/me", 405, "method-not-allowed"),
        (Method::DELETE, "/readyz", 405, "method-not-allowed"),
        (Method::PUT, "/api/conversations", 405, "method-not-allowed"),
    ] {
        let answer = ann.ask(method.clone(), path).send().await.unwrap();
        assert_eq!(answer.headers().contains_key("allow"), status == 405, "{method} {path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{method} {path}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{method} {path}");
        let (found, word, _) = problem_of(answer).await;
        assert_eq!((found, &*word), (status, kind), "{method} {path}");
    }
}

#[tokio::test]
async fn what_was_asked_of_another_name_is_not_answered() {
    let folder = tempdir().unwrap();
    let program =
        Program::start_with(folder.path(), |command| command.args(["--host", "chat.example"]))
            .await;
    let ann = Person::signed_in(&program, "ann").await;

    for path in ["/", "/me", "/api/conversations", "/metrics"] {
        let asked = |host: &'static str| ann.get(path).header("host", host).send();
        let refused = problem_of(asked("rebound.evil.example").await.unwrap()).await;
        assert_eq!((refused.0, &*refused.1), (421, "misdirected"), "{path}");
        assert_eq!(asked("chat.example").await.unwrap().status(), 200, "{path}");
        assert_eq!(asked("localhost:3000").await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_head_is_bounded() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let with = |bytes: usize| ann.get("/api/conversations").header("x-long", "x".repeat(bytes));

    assert_eq!(with(30 << 10).send().await.unwrap().status(), 200);
    assert_eq!(problem_of(with(40 << 10).send().await.unwrap()).await.0, 431);
    assert_eq!(with(80 << 10).send().await.unwrap().status(), 431);
    assert_eq!(ann.get("/me").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn it_lives_and_is_ready() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let nobody = Person::nobody(&program);

    for path in ["/healthz", "/readyz"] {
        let answer = nobody.get(path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), &*answer.text().await.unwrap()), (200, "ok\n"));
    }
    let head = nobody.ask(Method::HEAD, "/readyz").send().await.unwrap();
    assert_eq!(head.status(), 200);
}
