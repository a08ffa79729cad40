//! Problem details (RFC 9457): the form of every refusal and every failure.

use std::borrow::Cow;

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{kind::Kind, problem_kind::ProblemKind},
    key::TurnKey,
};

/// Why a request was not answered as asked, for the client to read.
///
/// It quotes nothing that was sent or stored: a problem may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem(Box<Details>);

/// Why a request was not answered as asked (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Details {
    /// What kind of problem: `urn:problem-type:scrollback:` and a word. Decide by this.
    #[serde(rename = "type")]
    kind: Kind,
    /// The kind in a few words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What happened, and what may be done.
    #[schema(value_type = String)]
    detail: Cow<'static, str>,
    /// The field, parameter or header that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    field: Option<Cow<'static, str>>,
    /// What is wrong with it, to be read after the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Cow<'static, str>>,
    /// The person's message is stored under this key: the same request with it as
    /// `Idempotency-Key` completes the exchange and stores nothing twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    idempotency_key: Option<TurnKey>,
    #[serde(skip)]
    challenge: Option<HeaderValue>,
}

/// How long a client should wait before it tries again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl Problem {
    pub(super) fn new(kind: Kind) -> Self {
        Self(Box::new(Details {
            kind,
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: kind.detail().into(),
            field: None,
            reason: None,
            idempotency_key: None,
            challenge: None,
        }))
    }

    /// `field` breaks a rule; `reason` is read after it.
    pub(super) fn invalid(
        field: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (field, reason) = (field.into(), reason.into());
        let mut problem = Self::new(Kind::InvalidInput);
        problem.0.detail = format!("{field} {reason}").into();
        problem.0.field = Some(field);
        problem.0.reason = Some(reason);
        problem
    }

    pub(super) fn with_detail(mut self, detail: &'static str) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// The person's message is stored under `key`.
    pub(super) fn with_key(mut self, key: Option<TurnKey>) -> Self {
        self.0.idempotency_key = key;
        self
    }

    pub(super) fn with_challenge(mut self, challenge: &HeaderValue) -> Self {
        self.0.challenge = Some(challenge.clone());
        self
    }

    pub(super) fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(super) fn to_json(&self) -> String {
        super::json::text(&*self.0)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0.kind.status(), self.to_json()).into_response();
        response.extensions_mut().insert(ProblemKind::new(self.0.kind.word()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.0.kind.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if let Some(challenge) = self.0.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
