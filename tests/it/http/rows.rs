//! How each operation of the document is asked in the ownership matrix.

use serde_json::{Value, json};

use super::scene::Target;

/// One way to ask an operation.
pub(super) struct Row {
    /// Its `operationId`.
    pub(super) operation: &'static str,
    pub(super) how: &'static str,
    pub(super) body: Option<fn() -> Value>,
    pub(super) header: Option<Header>,
}

/// What is sent beside the body, for what is named.
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) value: fn(&Target) -> String,
}

const fn row(operation: &'static str, body: Option<fn() -> Value>) -> Row {
    Row { operation, how: "plainly", body, header: None }
}

const fn with(
    operation: &'static str,
    body: Option<fn() -> Value>,
    how: &'static str,
    name: &'static str,
    value: fn(&Target) -> String,
) -> Row {
    Row { operation, how, body, header: Some(Header { name, value }) }
}

const MESSAGE: Option<fn() -> Value> = Some(|| json!({ "role": "user", "content": "mine" }));
const SAID: Option<fn() -> Value> = Some(|| json!({ "content": "mine" }));
const EMPTY: Option<fn() -> Value> = Some(|| json!({}));
const TITLE: Option<fn() -> Value> = Some(|| json!({ "title": "mine" }));

/// Every operation, in every way by which it could reach what is somebody else's.
pub(super) const ROWS: [Row; 26] = [
    row("createConversation", EMPTY),
    with("createConversation", TITLE, "with the key", "Idempotency-Key", |target| {
        target.key.clone()
    }),
    row("listConversations", None),
    row("readConversation", None),
    with("readConversation", None, "with any version", "If-None-Match", |_| "*".to_owned()),
    row("changeConversation", TITLE),
    with("changeConversation", TITLE, "of its version", "If-Match", |target| target.etag.clone()),
    with("changeConversation", TITLE, "of another version", "If-Match", version),
    with("changeConversation", TITLE, "of no version", "If-Match", |_| "W/\"1.1\"".to_owned()),
    row("deleteConversation", None),
    with("deleteConversation", None, "whatever its version", "If-Match", |_| "*".to_owned()),
    with("deleteConversation", None, "of its version", "If-Match", |target| target.etag.clone()),
    with("deleteConversation", None, "of another version", "If-Match", version),
    with("deleteConversation", None, "of no version", "If-Match", |_| "1".to_owned()),
    row("listMessages", None),
    row("addMessage", MESSAGE),
    with("addMessage", MESSAGE, "with the key", "Idempotency-Key", |target| target.key.clone()),
    with("addMessage", MESSAGE, "with another version", "If-Match", version),
    with("addMessage", MESSAGE, "with no version", "If-Match", |_| "\"x\"".to_owned()),
    row("startChat", EMPTY),
    row("sendMessage", SAID),
    with("sendMessage", SAID, "with the key", "Idempotency-Key", |target| target.key.clone()),
    with("sendMessage", SAID, "as a stream", "Accept", |_| "text/event-stream".to_owned()),
    row("readHistory", None),
    row("eraseMine", None),
    row("exportMine", None),
];

/// Not the one it has, so that a store which compares before it asks whose it is gives itself away.
fn version(target: &Target) -> String {
    format!("\"{}.1\"", target.count + 1)
}
