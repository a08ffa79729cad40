//! T13 and cross-site requests: what heads, paths and methods are made of.

use axum::http::Method;
use serde_json::json;

use super::{
    app::{App, Seed, as_it_is},
    bots::Counter,
    matrix::operations,
};

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    requests_of_other_sites(as_it_is).await;
}

pub(super) async fn requests_of_other_sites(seed: Seed) {
    let app = App::new().await.behind(seed);
    let (chat, session) = (app.conversation().await, app.session().await);
    let (chat, session) = (chat.rsplit('/').next().unwrap(), session.rsplit('/').next().unwrap());

    for (id, method, path) in operations(&app.document) {
        let path = path.replace("{id}", chat).replace("{sessionId}", session);
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let ask = app.ask(method.clone(), &path).by(app.ann).header(header, value);
            let answer = ask.answer().await;

            if method == Method::GET {
                assert_eq!(answer.status, 200, "{id}");
            } else {
                assert_eq!(answer.status, 403, "{id} {header}: {value}");
                assert_eq!(answer.problem().0, "cross-site", "{id} {header}: {value}");
            }
        }
    }
}

#[tokio::test]
async fn the_site_itself_and_those_named_may_change_something() {
    let named = |http: scrollback::http::Http| http.with_origin("https://app.example");
    let app = App::with(std::sync::Arc::new(Counter), named).await;

    for (header, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://chat.example"),
        ("origin", "http://chat.example"),
        ("origin", "https://app.example"),
    ] {
        let answer = app.post("/conversations", &json!({})).header(header, value).answer().await;

        assert_eq!(answer.status, 201, "{header}: {value}");
    }
}

#[tokio::test]
async fn headers_are_bounded_together() {
    let app = App::new().await;

    let taken = app.get("/conversations").header("x-long", &"x".repeat(30 << 10)).answer().await;
    let ask = app.get("/conversations").header("x-one", &"x".repeat(20 << 10));
    let refused = ask.header("x-other", &"x".repeat(20 << 10)).answer().await;

    assert_eq!(taken.status, 200);
    assert_eq!((refused.status.as_u16(), &*refused.problem().0), (431, "headers-too-large"));
}

#[tokio::test]
async fn a_path_leads_to_the_same_with_a_slash_at_its_end() {
    let app = App::new().await;
    let (chat, session) = (app.conversation().await, app.session().await);
    let (id, session) = (chat.rsplit('/').next().unwrap(), session.rsplit('/').next().unwrap());

    for (operation, method, path) in operations(&app.document) {
        if method != Method::GET {
            continue;
        }
        let path = path.replace("{id}", id).replace("{sessionId}", session);
        let without = app.get(&path).answer().await;
        let with = app.get(&format!("{path}/")).answer().await;

        assert_eq!((without.status.as_u16(), with.status.as_u16()), (200, 200), "{operation}");
        assert_eq!((without.headers, without.body), (with.headers, with.body), "{operation}");
    }
}

#[tokio::test]
async fn other_methods_and_other_paths_are_problems_too() {
    let app = App::new().await;
    let methods =
        [Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT, Method::OPTIONS];

    for (path, item) in app.document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "1").replace("{sessionId}", "1");
        for method in &methods {
            let documented = item.get(method.as_str().to_lowercase()).is_some();
            let answer = app.ask(method.clone(), &path).by(app.ann).answer().await;

            assert_eq!(answer.status != 405, documented, "{method} {path}");
            if !documented {
                assert_eq!(answer.problem().0, "method-not-allowed");
                assert_ne!(answer.header("allow"), "", "{method} {path}");
            }
        }
    }
    for path in ["/nothing", "/conversations/1/2/3", "/CONVERSATIONS"] {
        let answer = app.get(path).answer().await;
        assert_eq!((answer.status.as_u16(), &*answer.problem().0), (404, "no-endpoint"), "{path}");
    }
}

#[tokio::test]
async fn one_conversation_has_one_name() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let id = chat.rsplit('/').next().unwrap();

    for alias in [
        format!("+{id}"),
        format!("0{id}"),
        format!("%2B{id}"),
        format!("{id}%20"),
        format!("{id}.0"),
    ] {
        let answer = app.get(&format!("/conversations/{alias}")).answer().await;

        assert_eq!(answer.status, 404, "{alias}");
    }
}

#[tokio::test]
async fn a_head_is_the_answer_without_its_body() {
    let app = App::new().await;
    let chat = app.conversation().await;

    let head = app.ask(Method::HEAD, &chat).by(app.ann).response().await;

    assert_eq!(head.status(), 200);
    assert!(head.headers().contains_key("etag"));
}
