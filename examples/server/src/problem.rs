//! Refusals outside of `/api`, as `scrollback::http` writes them (RFC 9457).

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use scrollback::{Error, http::ProblemKind};
use serde::{Serialize, Serializer};

/// Why a request was not answered as asked. It quotes nothing that was sent.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type", serialize_with = "uri")]
    word: &'static str,
    title: &'static str,
    #[serde(serialize_with = "number")]
    status: StatusCode,
    detail: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// How a client gets in (draft-broyer-http-cookie-auth), for every answer of 401.
pub(crate) const CHALLENGE: HeaderValue = HeaderValue::from_static(
    "Cookie realm=\"chat\", form-action=\"/sign-in\", cookie-name=scrollback_user",
);

pub(crate) const UNAUTHENTICATED: Problem =
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in", "sign in first");

pub(crate) const CROSS_SITE: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "cross-site",
    "Request from another site",
    "requests that change something must come from this site",
);

pub(crate) const NOTHING_HERE: Problem = Problem::new(
    StatusCode::NOT_FOUND,
    "no-endpoint",
    "No such endpoint",
    "nothing is served here; the page is at /, the interface is described at /api/docs",
);

pub(crate) const METHOD_NOT_ALLOWED: Problem = Problem::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "method-not-allowed",
    "Method not allowed",
    "this endpoint does not take this method; the header Allow names those it takes",
);

pub(crate) const SLOW_BODY: Problem = Problem::new(
    StatusCode::REQUEST_TIMEOUT,
    "slow-body",
    "The body took too long",
    "the body did not arrive in time; nothing was done",
);

pub(crate) const TOO_LARGE: Problem = Problem::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "too-large",
    "Body too large",
    "the body is larger than this endpoint takes; nothing was done",
);

pub(crate) const MEDIA_TYPE: Problem = Problem::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "media-type",
    "Not JSON",
    "send a body of Content-Type application/json, without Content-Encoding",
);

pub(crate) const MISDIRECTED: Problem = Problem::new(
    StatusCode::MISDIRECTED_REQUEST,
    "misdirected",
    "Not this server",
    "nothing is served under this name; whoever runs the server may allow it with --host",
);

pub(crate) const UNAVAILABLE: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "Not available at the moment",
    "the database does not answer; try again",
);

const INTERNAL: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Internal error",
    "the server failed; whoever runs it finds the reason in its log",
);

impl Problem {
    const fn new(
        status: StatusCode,
        word: &'static str,
        title: &'static str,
        detail: &'static str,
    ) -> Self {
        Self { word, title, status, detail, field: None, reason: None }
    }

    /// `field` breaks a rule; `reason` is read after it.
    pub(crate) const fn invalid(field: &'static str, reason: &'static str) -> Self {
        let (field, reason) = (Some(field), Some(reason));
        let detail = "the request breaks a rule; nothing was done";
        let status = StatusCode::BAD_REQUEST;
        Self { word: "invalid-input", title: "Invalid input", status, detail, field, reason }
    }
}

/// What the store did not do. No text of its errors holds content.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let kind = error.kind();
        match error {
            Error::InvalidInput { field, reason, .. } => return Self::invalid(field, reason),
            _ if error.is_retryable() => tracing::warn!(kind, "{error}"),
            _ => tracing::error!(kind, "{error}"),
        }
        if error.is_retryable() { UNAVAILABLE } else { INTERNAL }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Its keys are texts, and nothing else could fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.extensions_mut().insert(ProblemKind::new(self.word));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.status {
            StatusCode::UNAUTHORIZED => _ = headers.insert(WWW_AUTHENTICATE, CHALLENGE),
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

fn uri<S: Serializer>(word: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:problem-type:scrollback:{word}"))
}

fn number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
