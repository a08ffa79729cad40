//! T13 over HTTP: bodies that are no JSON, of another type, too large, or never arrive.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use futures_util::stream;
use scrollback_proof::{T13, Trial};
use serde_json::json;

use super::{app::App, bots::Counter};
use crate::support::Random;

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_bad_body_is_refused_with_its_field_and_reason() {
    let app = App::new().await;
    let path = format!("{}/messages", app.conversation().await);

    for (body, refused) in [
        (r#"{"role":"user"}"#, "content is missing"),
        (r#"{"content":"hello"}"#, "role is missing"),
        (r#"{"role":"user","content":""}"#, "content is empty"),
        (r#"{"role":"user","content":7}"#, "content is not a string"),
        (r#"{"role":"user","content":null}"#, "content is not a string"),
        (r#"{"role":"user","content":["hello"]}"#, "content is not a string"),
        (r#"{"role":"user","content":"\u0000"}"#, "content contains NUL (U+0000)"),
        (r#"{"role":"system","content":"hello"}"#, "role is none of user, assistant"),
        (r#"{"role":"User","content":"hello"}"#, "role is none of user, assistant"),
        (r#"{"role":7,"content":"hello"}"#, "role is not a string"),
        (r#"{"role":"user","content":"hello","metadata":[]}"#, "metadata is not a JSON object"),
        (r#"{"role":"user","content":"a","content":"b"}"#, "body has a field twice"),
        (r#"{"role":"user","content":"hello"}}"#, "body is not JSON at line 1, column 34"),
        (r#"{"role":"user","content":"hello""#, "body is not JSON at line 1, column 32"),
        (r#"{"role":"user","content":"\ud800"}"#, "body is not JSON at line 1, column 33"),
        ("", "body is not JSON at line 1, column 0"),
        ("[]", "body is not a JSON object"),
        ("null", "body is not a JSON object"),
        ("\"text\"", "body is not a JSON object"),
    ] {
        let ask = app.ask(Method::POST, &path).by(app.ann).header(JSON.0, JSON.1);
        let answer = ask.body(body).answer().await;

        assert_eq!((answer.status.as_u16(), &*answer.problem().1), (400, refused), "{body}");
    }
    assert_eq!(app.contents(&path).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_not_read() {
    let app = App::new().await;
    let path = format!("{}/messages", app.conversation().await);
    let body = json!({ "role": "user", "content": "hello" }).to_string();

    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "text/plain; application/json")],
        &[("content-type", "application/jsonp")],
        &[JSON, ("content-type", "text/plain")],
        &[JSON, ("content-encoding", "gzip")],
    ] {
        let ask = app.ask(Method::POST, &path).by(app.ann).body(body.clone());
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        let answer = ask.answer().await;

        assert_eq!(
            (answer.status.as_u16(), &*answer.problem().0),
            (415, "media-type"),
            "{headers:?}"
        );
    }
    let ask = app.ask(Method::POST, &path).by(app.ann).body(body);
    let taken = ask.header("content-type", "Application/JSON; charset=utf-8").answer().await;
    assert_eq!(taken.status, 201);
}

#[tokio::test]
async fn a_message_is_as_long_as_the_limits_say_however_it_is_written() {
    let app = App::new().await;
    let path = format!("{}/messages", app.conversation().await);
    let message = |text: &str| format!(r#"{{"role":"user","content":"{text}"}}"#);
    let send = async |body: String| {
        let ask = app.ask(Method::POST, &path).by(app.ann).header(JSON.0, JSON.1);
        let answer = ask.body(body).answer().await;
        let problem = (answer.status != 201).then(|| answer.problem());
        (
            answer.status.as_u16(),
            problem.map(|(kind, reason)| format!("{kind} {reason}").trim().to_owned()),
        )
    };
    let most = 4 << 20;

    assert_eq!(send(message(&"x".repeat(most))).await, (201, None));
    assert_eq!(send(message(&"\\u0078".repeat(most))).await, (201, None));
    let long = Some("invalid-input content is longer than 4 MiB".to_owned());
    assert_eq!(send(message(&"x".repeat(most + 1))).await, (400, long));
    let large = message(&"\\u0078".repeat(most + (80 << 10)));
    assert_eq!(send(large).await, (413, Some("too-large".to_owned())));
}

#[tokio::test]
async fn a_body_of_many_values_is_not_made_into_a_tree() {
    let app = App::new().await;
    let path = format!("{}/messages", app.conversation().await);
    let send = async |metadata: String| {
        let body = format!(r#"{{"role":"user","content":"hello","metadata":{metadata}}}"#);
        let ask = app.ask(Method::POST, &path).by(app.ann).header(JSON.0, JSON.1);
        ask.body(body).answer().await
    };
    let zeros = |many: usize| format!(r#"{{"a":[0{}]}}"#, ",0".repeat(many - 1));

    let largest = send(zeros((64 << 10) / 2 - 4)).await;
    let larger = send(zeros((64 << 10) / 2)).await;
    let many = send(zeros(1 << 20)).await;
    let fields = send("{}".to_owned() + &",\"x\":0".repeat(1 << 20)).await;

    assert_eq!(largest.status, 201);
    assert_eq!(larger.problem().1, "metadata is larger than 64 KiB");
    assert_eq!(many.problem().1, "body holds too many values");
    assert_eq!(fields.problem().1, "body holds too many values");
}

#[tokio::test]
async fn a_body_without_a_length_is_read_to_its_limit_and_no_further() {
    let app = App::with(std::sync::Arc::new(Counter), |http| http.with_max_body(1 << 10)).await;
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(b"          ")));

    let ask = app.ask(Method::POST, "/conversations").by(app.ann).header(JSON.0, JSON.1);
    let answer = ask.body(Body::from_stream(endless)).answer().await;

    assert_eq!((answer.status.as_u16(), &*answer.problem().0), (413, "too-large"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let no_time = Duration::ZERO;
    let app = App::with(std::sync::Arc::new(Counter), |http| http.with_body_timeout(no_time)).await;
    let never = stream::pending::<Result<Bytes, Infallible>>();

    let ask = app.ask(Method::POST, "/conversations").by(app.ann).header(JSON.0, JSON.1);
    let answer = ask.body(Body::from_stream(never)).answer().await;

    assert_eq!((answer.status.as_u16(), &*answer.problem().0), (408, "slow-body"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let app = App::new().await;
    let parts = [Ok(Bytes::from_static(b"{")), Err("the connection is gone")];

    let ask = app.ask(Method::POST, "/conversations").by(app.ann).header(JSON.0, JSON.1);
    let answer = ask.body(Body::from_stream(stream::iter(parts))).answer().await;

    assert_eq!(
        (answer.status.as_u16(), answer.problem().1),
        (400, "body was cut short".to_owned())
    );
}

#[tokio::test]
async fn whatever_is_sent_is_answered_and_nothing_of_it_is_repeated() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let mut random = Random::new(5);
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\"content\":",
        "\"role\":\"user\"",
        "\"canary\"",
        "1e999",
        "-0",
        "\\u0000",
        "\\ud800",
        "\u{feff}",
        "null",
        "true",
        "\"metadata\":{",
        "9007199254740993",
        " ",
        "\n",
        "\u{1f980}",
    ];
    let (mut tried, mut wrong) = (0, Vec::new());

    for _ in 0..2_000 {
        let mut body = String::new();
        for _ in 0..random.below(12) {
            body.push_str(pieces[random.below(pieces.len() as u64) as usize]);
        }
        for (method, path) in [
            (Method::POST, "/conversations".to_owned()),
            (Method::PATCH, chat.clone()),
            (Method::POST, format!("{chat}/messages")),
        ] {
            let ask = app.ask(method, &path).by(app.ann).header(JSON.0, JSON.1);
            let answer = ask.body(body.clone()).answer().await;
            tried += 1;
            let refused = answer.status.is_client_error();
            if !refused && !answer.status.is_success()
                || refused && answer.text().contains("canary")
            {
                wrong.push(format!("{path} {body}: {}", answer.text()));
            }
        }
    }

    Trial::of(T13, "bodies made of pieces of JSON")
        .times(tried)
        .wrong("failed or repeated", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}
