//! A bot elsewhere, and all the ways in which it does not answer.

use std::path::Path;

use serde_json::json;
use tempfile::tempdir;

use crate::{
    endpoint::{Endpoint, Manner, Step, streams},
    person::{Person, events, problem_of},
    program::{Program, failure},
};

const KEY: &str = "key-5d1e-of-the-endpoint";

async fn start(folder: &Path, url: &str) -> Program {
    let arguments = ["--bot-url", url, "--bot-model", "small", "--bot-timeout", "1"];
    Program::start_with(folder, |command| command.args(arguments).env("BOT_KEY", KEY)).await
}

#[tokio::test]
async fn it_is_handed_the_history_and_its_words_are_streamed_and_stored() {
    let folder = tempdir().unwrap();
    let endpoint =
        Endpoint::start([streams(&["It ", "will ", "", "rain \u{1f327}."]), streams(&["Yes."])])
            .await;
    let program = start(folder.path(), &endpoint.url).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;

    let answer = ann.say_streaming(&chat, "Will it rain?").await.text().await.unwrap();
    let second = ann.told(&chat, "Sure?").await;

    let all = events(&answer);
    assert!(all.iter().any(|(name, _)| name == "token"), "{answer}");
    assert_eq!(all.last().unwrap().1["reply"]["content"], "It will rain \u{1f327}.");
    assert_eq!(second, "Yes.");
    let asked = endpoint.asked();
    assert_eq!(asked[1].authorization.as_deref(), Some(&*format!("Bearer {KEY}")));
    assert_eq!(
        asked[1].question,
        json!({
            "model": "small",
            "stream": true,
            "messages": [
                { "role": "user", "content": "Will it rain?" },
                { "role": "assistant", "content": "It will rain \u{1f327}." },
                { "role": "user", "content": "Sure?" },
            ],
        })
    );
}

#[tokio::test]
async fn it_need_not_stream_name_its_end_or_take_a_model() {
    let folder = tempdir().unwrap();
    let whole =
        json!({ "choices": [{ "message": { "role": "assistant", "content": "All at once." } }] });
    let part = "data: {\"choices\":[{\"delta\":{\"content\":\"Ended.\"},\"finish_reason\":\"stop\"}]}\r\n\r\n";
    let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n";
    let unnamed = Manner::Streams(vec![Step::Raw(part), Step::Raw(usage)]);
    let endpoint = Endpoint::start([Manner::Json(whole), unnamed]).await;
    let program =
        Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]))
            .await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;

    assert_eq!(ann.told(&chat, "One?").await, "All at once.");
    assert_eq!(ann.told(&chat, "Two?").await, "Ended.");

    let asked = endpoint.asked();
    assert!(asked[0].authorization.is_none() && asked[0].question.get("model").is_none());
}

#[tokio::test]
async fn what_cannot_be_asked_is_noticed_at_the_start() {
    let folder = tempdir().unwrap();

    for (url, reason) in [
        ("not a url", "--bot-url: relative URL without a base"),
        ("ftp://127.0.0.1/", "--bot-url: neither http:// nor https://"),
    ] {
        let log = failure(folder.path(), &["--bot-url", url]).await;
        assert!(log.contains(reason), "{log}");
    }
    let usage = failure(folder.path(), &["--bot-model", "small"]).await;
    assert!(usage.contains("--bot-url"), "{usage}");
}

/// Every way to fail, and the kind by which it is counted.
fn failures(elsewhere: &str) -> Vec<(Manner, &'static str)> {
    let say = |text: &str| Step::Say(text.to_owned());
    let megabyte = "x".repeat(1 << 20);
    vec![
        (Manner::Status(500), "refused"),
        (Manner::Status(401), "refused"),
        (Manner::Redirect(elsewhere.to_owned()), "refused"),
        (Manner::Json(json!({ "error": { "message": "quota" } })), "malformed"),
        (Manner::Json(json!({ "choices": [] })), "empty"),
        (Manner::Streams(vec![say("half of "), Step::Cut]), "cut"),
        (Manner::Streams(vec![say("no end")]), "cut"),
        (Manner::Streams(vec![Step::Raw("data: {\"choices\":\n\n")]), "malformed"),
        (Manner::Streams(vec![Step::Raw("data: {\"error\":{}}\n\n")]), "malformed"),
        (streams(&[]), "empty"),
        (streams(&[" \n"]), "empty"),
        (streams(&[&*megabyte, &megabyte, &megabyte, &megabyte, "x"]), "too_long"),
    ]
}

#[tokio::test]
async fn one_that_fails_leaves_the_message_and_the_key_to_send_it_again() {
    let folder = tempdir().unwrap();
    let elsewhere = Endpoint::start([]).await;
    let failures = failures(&elsewhere.url);
    let manners = failures.iter().flat_map(|(manner, _)| [manner.clone(), streams(&["At last."])]);
    let endpoint = Endpoint::start(manners).await;
    let program = start(folder.path(), &endpoint.url).await;
    let ann = Person::signed_in(&program, "ann").await;

    for (n, (_, kind)) in failures.iter().enumerate() {
        let chat = ann.chat().await;
        let text = format!("Attempt {n}");

        let failed = ann.say(&chat, &text).await;
        let body = failed.text().await.unwrap();
        let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["type"], "urn:problem-type:scrollback:bot-failed", "{kind}: {body}");
        assert_eq!(
            (&problem["status"], ann.history(&chat).await.len()),
            (&502.into(), 1),
            "{kind}"
        );

        let key = problem["idempotency_key"].as_str().unwrap();
        let again = ann.post(&format!("{chat}/message"), &json!({ "content": text }));
        let again = again.header("Idempotency-Key", key).send().await.unwrap();
        assert_eq!(again.status(), 200, "{kind}");
        assert_eq!(ann.history(&chat).await, [text, "At last.".to_owned()], "{kind}");
    }

    let metrics = ann.get("/metrics").send().await.unwrap().text().await.unwrap();
    for (kind, times) in
        [("refused", 3), ("malformed", 3), ("empty", 3), ("cut", 2), ("too_long", 1)]
    {
        let line = format!("scrollback_bot_failures_total{{kind=\"{kind}\"}} {times}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(elsewhere.asked().is_empty(), "the key is for the one that was named");
    for secret in [KEY, "Attempt", "half of", "quota"] {
        assert!(!program.log().contains(secret), "{secret}: {}", program.log());
    }
}

#[tokio::test]
async fn one_that_hangs_is_given_up_and_one_that_is_away_is_a_failure() {
    let folder = tempdir().unwrap();
    let endpoint = Endpoint::start([Manner::Hangs]).await;
    let program = start(folder.path(), &endpoint.url).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;

    let hung = problem_of(ann.say(&chat, "Are you there?").await).await;

    assert_eq!((hung.0, &*hung.1), (504, "bot-timeout"));
    assert_eq!(ann.history(&chat).await, ["Are you there?"]);
    let metrics = ann.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("scrollback_bot_failures_total{kind=\"timeout\"} 1\n"), "{metrics}");

    let away = tempdir().unwrap();
    let program = start(away.path(), "http://127.0.0.1:1/").await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    assert_eq!(problem_of(ann.say(&chat, "And you?").await).await.0, 502);
    assert_eq!(ann.history(&chat).await, ["And you?"]);
    assert!(program.log().contains("unreachable"), "{}", program.log());
}

#[tokio::test]
async fn what_fails_after_the_first_words_is_told_at_the_end_of_the_stream() {
    let folder = tempdir().unwrap();
    let begun = Step::Say("Well, ".to_owned());
    let endpoint = Endpoint::start([Manner::Streams(vec![begun, Step::Wait, Step::Cut])]).await;
    let program =
        Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]))
            .await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;

    let mut answer = ann.say_streaming(&chat, "Tell me.").await;
    let begin = answer.chunk().await.unwrap().unwrap();
    endpoint.go_on();
    let rest = answer.text().await.unwrap();

    assert_eq!(events(std::str::from_utf8(&begin).unwrap())[0].1, json!({ "text": "Well, " }));
    let (name, problem) = events(&rest).pop().unwrap();
    assert_eq!((&*name, &problem["status"]), ("problem", &502.into()));
    assert_eq!(ann.history(&chat).await, ["Tell me."]);
}
