//! What the store's failures are to clients.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    Appended, Cause, ConversationId, ConversationStore, Error, Message, MessageQuery, Page, Result,
    Role, Turn, UserId,
};
use serde_json::json;

use super::{app::App, bots::Counter};
use crate::{
    broken::{Base, Flaw, Flawed},
    support::Capture,
};

/// Fails as the message to be stored says, and with every reply.
#[derive(Debug, Default)]
struct FailsAsTold;

const CAUSE: &str = "connection 7 of the pool";

#[async_trait]
impl Flaw for FailsAsTold {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        let (said, cause) = (&turn.messages()[0], Cause::new(CAUSE));
        match (said.role, &*said.content) {
            (Role::Assistant, _) => Err(Error::OutcomeUnknown(cause)),
            (_, "busy") => Err(Error::Busy(cause)),
            (_, "unreachable") => Err(Error::unreachable("10.0.0.7:5432", cause)),
            (_, "read-only") => Err(Error::ReadOnly(cause)),
            (_, "unknown") => Err(Error::OutcomeUnknown(cause)),
            (_, "setup") => Err(Error::setup("table private_messages is missing")),
            (_, "internal") => Err(Error::Internal(cause)),
            _ => base.store.append(owner, id, turn).await,
        }
    }

    async fn messages(
        &self,
        _: &Base,
        _: UserId,
        _: ConversationId,
        _: MessageQuery,
    ) -> Result<Page<Message>> {
        Err(Error::Busy(Cause::new(CAUSE)))
    }
}

/// Reads, but stores no reply.
#[derive(Debug, Default)]
struct StoresNoReply;

#[async_trait]
impl Flaw for StoresNoReply {
    async fn append(
        &self,
        base: &Base,
        owner: UserId,
        id: ConversationId,
        turn: Turn,
    ) -> Result<Appended> {
        match turn.messages()[0].role {
            Role::Assistant => Err(Error::OutcomeUnknown(Cause::new(CAUSE))),
            _ => base.store.append(owner, id, turn).await,
        }
    }
}

async fn app<F: Flaw>() -> App {
    App::over(Arc::<Flawed<F>>::default(), Arc::new(Counter), |http| http).await
}

#[tokio::test]
async fn a_failure_says_whether_it_may_be_tried_again_and_nothing_of_the_server() {
    let app = app::<FailsAsTold>().await;
    let path = format!("{}/messages", app.conversation().await);

    for (text, status, kind, retry) in [
        ("busy", 503, "unavailable", "1"),
        ("unreachable", 503, "unavailable", "1"),
        ("read-only", 503, "unavailable", "1"),
        ("unknown", 503, "outcome-unknown", "1"),
        ("setup", 500, "internal", ""),
        ("internal", 500, "internal", ""),
    ] {
        let body = json!({ "role": "user", "content": text });
        let answer = app.post(&path, &body).answer().await;

        assert_eq!((answer.status.as_u16(), &*answer.problem().0), (status, kind), "{text}");
        assert_eq!(answer.header("retry-after"), retry, "{text}");
        for secret in [CAUSE, "10.0.0.7", "private_messages"] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_not_stored_leaves_the_key_to_try_again() {
    let app = app::<StoresNoReply>().await;
    let session = app.session().await;

    let failed =
        app.post(&format!("{session}/message"), &json!({ "content": "Hello" })).answer().await;

    assert_eq!((failed.status.as_u16(), &*failed.problem().0), (503, "outcome-unknown"));
    assert!(failed.json()["idempotency_key"].is_string(), "{}", failed.text());
    assert_eq!(app.contents(&format!("{session}/history")).await, ["Hello"]);
}

#[tokio::test]
async fn an_export_that_cannot_go_on_ends_with_its_reason_and_without_its_end() {
    let app = app::<FailsAsTold>().await;
    app.conversation().await;

    let export = app.get("/me/export").answer().await;

    let text = export.text();
    let last = text.lines().last().unwrap();
    assert_eq!(export.status, 200);
    assert!(
        last.starts_with("{\"problem\":{\"type\":\"urn:problem-type:scrollback:unavailable\""),
        "{text}"
    );
    assert!(!text.contains("\"end\""), "{text}");
}

#[tokio::test]
async fn failures_are_logged_by_their_kind_and_what_was_said_is_not() {
    let capture = Capture::start();
    let app = app::<FailsAsTold>().await;
    let canary = "canary-7f3a-over-http";
    let path = format!("{}/messages", app.conversation().await);
    let session = app.session().await;

    let title = json!({ "title": canary, "metadata": { canary: canary } });
    app.post("/conversations", &title).header("Idempotency-Key", canary).answer().await;
    app.post(&path, &json!({ "role": canary, "content": canary })).answer().await;
    app.post(&path, &json!({ "role": "user", "content": canary, canary: 1 })).answer().await;
    app.post(&format!("{session}/message"), &json!({ "content": canary })).answer().await;
    app.post(&path, &json!({ "role": "user", "content": "setup" })).answer().await;

    let text = capture.text();
    assert!(text.contains("private_messages"), "what to change is for whoever runs the server");
    assert!(!text.contains(canary), "{text}");
}
