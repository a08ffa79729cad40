//! Commands that the driver has and its client has not: those of Chromium's developer tools, and labels.

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command below the path of the session.
#[derive(Debug)]
pub(super) struct Command {
    path: String,
    body: Option<Value>,
}

impl Command {
    /// A method of the developer tools' protocol.
    pub(super) fn cdp(method: &str, params: Value) -> Self {
        let body = json!({ "cmd": method, "params": params });
        Self { path: "goog/cdp/execute".to_owned(), body: Some(body) }
    }

    /// What a screen reader calls an element.
    pub(super) fn label(element: &str) -> Self {
        Self { path: format!("element/{element}/computedlabel"), body: None }
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
