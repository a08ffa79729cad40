//! A request, and its answer, which must be one that the document tells of.

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{
        HeaderMap, Method, Request, StatusCode,
        header::{CONTENT_TYPE, HOST},
        request::Builder,
    },
};
use scrollback::{UserId, http::ProblemKind};
use serde_json::Value;
use tower::ServiceExt;

use super::app::{App, USER};

pub(super) struct Ask<'a> {
    app: &'a App,
    method: Method,
    path: String,
    builder: Builder,
    body: Body,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) kind: Option<ProblemKind>,
    pub(super) body: Bytes,
}

impl<'a> Ask<'a> {
    pub(super) fn new(app: &'a App, method: Method, path: &str) -> Self {
        let builder = Request::builder().method(method.clone()).uri(format!("/api{path}"));
        let builder = builder.header(HOST, "chat.example");
        Self { app, method, path: path.to_owned(), builder, body: Body::empty() }
    }

    pub(super) fn by(self, user: UserId) -> Self {
        self.header(USER, &user.get().to_string())
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json").body(body.to_string())
    }

    pub(super) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) async fn answer(self) -> Answer {
        let (app, method, path) = (self.app, self.method.clone(), self.path.clone());
        let response = self.response().await;
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let kind = head.extensions.get().copied();
        let answer = Answer { status: head.status, headers: head.headers, kind, body };
        answer.is_of_the_kind(&format!("{method} {path}"));
        if let Some(operation) = operation(&app.document, &method, &path) {
            let told = &operation["responses"][answer.status.as_str()];
            let kind = answer.headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap());
            let told_kind = kind.is_none_or(|kind| told["content"][kind].is_object());
            assert!(
                told.is_object() && told_kind,
                "{method} {path}: {} {kind:?} is not documented",
                answer.status
            );
        }
        answer
    }

    /// The response itself, for what comes in parts.
    pub(super) async fn response(self) -> axum::response::Response {
        let request = self.builder.body(self.body).unwrap();
        self.app.router.clone().oneshot(request).await.unwrap()
    }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last part of the problem's type, and its field and reason.
    pub(super) fn problem(&self) -> (String, String) {
        let problem = self.json();
        let kind = problem["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
        let part = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        (kind, format!("{} {}", part("field"), part("reason")).trim().to_owned())
    }

    /// What holds for every answer, and for the problem that it is said to be.
    fn is_of_the_kind(&self, what: &str) {
        assert_eq!(self.kind.is_some(), self.status.as_u16() >= 400, "{what}");
        if let Some(kind) = self.kind {
            assert_eq!(self.problem().0, kind.as_str(), "{what}");
        }
        self.is_ours(what);
    }

    /// What holds for every answer of the router's, as it arrives.
    pub(super) fn is_ours(&self, what: &str) {
        assert_eq!(self.header("cache-control"), "no-store", "{what}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(self.header("cross-origin-resource-policy"), "same-origin", "{what}");
        if self.status.as_u16() >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
            assert_eq!(self.json()["status"], self.status.as_u16(), "{what}");
        }
    }
}

/// What the document says of a request; nothing where nothing is documented.
pub(super) fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let parts: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<_> = template.split('/').collect();
        template.len() == parts.len()
            && template
                .iter()
                .zip(&parts)
                .all(|(known, part)| known.starts_with('{') || known == part)
    };
    let (_, item) = document["paths"].as_object()?.iter().find(|(template, _)| fits(template))?;
    item.get(method.as_str().to_lowercase())
}
