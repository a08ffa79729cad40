//! Signing in by name: what a name may be, and what is refused.

use reqwest::header::{CONTENT_TYPE, SET_COOKIE};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{
    person::{Person, json_of, problem_of},
    program::Program,
};

#[tokio::test]
async fn a_name_is_all_it_takes_and_signing_out_ends_it() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let nobody = Person::nobody(&program);
    let ann = Person::signed_in(&program, "  Ann \u{1f375} ").await;

    let me = json_of(ann.get("/me").send().await.unwrap()).await;
    let out = ann.post("/sign-out", &json!({})).send().await.unwrap();
    let refused = nobody.get("/me").send().await.unwrap();

    assert_eq!(me, json!({ "name": "Ann \u{1f375}" }));
    assert_eq!(out.status(), 204);
    let cookie = out.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("scrollback_user=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert!(refused.headers().contains_key("www-authenticate"));
    assert_eq!(problem_of(refused).await.1, "unauthenticated");
    let api = nobody.get("/api/conversations").send().await.unwrap();
    assert_eq!(problem_of(api).await.1, "unauthenticated");
}

#[tokio::test]
async fn what_is_no_name_is_refused_with_the_field_and_the_reason() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let nobody = Person::nobody(&program);
    let shape = "body is not an object with a name and nothing else";

    for (body, reason) in [
        (json!({ "name": "" }), "name is empty"),
        (json!({ "name": " \t " }), "name is empty"),
        (json!({ "name": "x".repeat(65) }), "name is longer than 64 characters"),
        (json!({ "name": "a\nb" }), "name contains a control character"),
        (json!({ "name": "a\u{0}b" }), "name contains a control character"),
        (json!({ "name": 7 }), shape),
        (json!({ "name": "ann", "id": 1 }), shape),
        (json!({}), shape),
        (json!(["ann"]), shape),
        (Value::Null, shape),
    ] {
        let refused = nobody.post("/sign-in", &body).send().await.unwrap();
        assert!(!refused.headers().contains_key(SET_COOKIE), "{body}");
        let (status, kind, why) = problem_of(refused).await;
        assert_eq!((status, &*kind, &*why), (400, "invalid-input", reason), "{body}");
    }
    // 64 characters, and one byte more than the store takes.
    let long = json!({ "name": "\u{1f375}".repeat(64) });
    let refused = problem_of(nobody.post("/sign-in", &long).send().await.unwrap()).await;
    assert_eq!((refused.0, &refused.2[..5]), (400, "name "), "{refused:?}");
    let taken = json!({ "name": "\u{e9}".repeat(64) });
    assert_eq!(nobody.post("/sign-in", &taken).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn bodies_are_small_and_json() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let nobody = Person::nobody(&program);
    let ask = |kind: &'static str, body: String| {
        nobody.ask(reqwest::Method::POST, "/sign-in").header(CONTENT_TYPE, kind).body(body)
    };

    let large = ask("application/json", format!("{{\"name\":\"{}\"}}", "x".repeat(5_000)));
    let form = ask("application/x-www-form-urlencoded", "name=ann".to_owned());
    let text = ask("text/plain", "{\"name\":\"ann\"}".to_owned());
    let twice = ask("application/json", "{\"name\":\"ann\",\"name\":\"ben\"}".to_owned());
    let good = ask("Application/JSON; charset=utf-8", "{\"name\":\"ann\"}".to_owned());

    assert_eq!(problem_of(large.send().await.unwrap()).await.0, 413);
    assert_eq!(problem_of(form.send().await.unwrap()).await.0, 415);
    assert_eq!(problem_of(text.send().await.unwrap()).await.0, 415);
    assert_eq!(problem_of(twice.send().await.unwrap()).await.0, 400);
    assert_eq!(good.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_page_of_another_site_signs_nobody_in_or_out() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let own = format!("http://{}", program.address());

    for path in ["/sign-in", "/sign-out"] {
        let ask = |header: &str, value: &str| {
            ann.post(path, &json!({ "name": "ben" })).header(header, value).send()
        };
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let refused = problem_of(ask(header, value).await.unwrap()).await;
            assert_eq!((refused.0, &*refused.1), (403, "cross-site"), "{path} {header}: {value}");
        }
        for (header, value) in [("sec-fetch-site", "same-origin"), ("origin", &*own)] {
            assert_eq!(ask(header, value).await.unwrap().status(), 204, "{path} {header}");
        }
    }
}
