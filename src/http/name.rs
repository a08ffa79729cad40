//! The names in paths.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{
    http::{kind::Kind, problem::Problem},
    id::ConversationId,
    key::SessionId,
};

/// What a path names. A name that nothing can have is as unknown as one that nothing has.
pub(super) struct Named<T>(pub(super) T);

/// What a path can name.
pub(super) trait Name: Sized {
    fn read(text: &str) -> Option<Self>;
}

impl Name for ConversationId {
    /// One number has one name: neither `+7` nor `07` is 7.
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|id: &Self| id.to_string() == text)
    }
}

impl Name for SessionId {
    fn read(text: &str) -> Option<Self> {
        Self::new(text).ok()
    }
}

impl<T: Name, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let name = path.ok().and_then(|Path(text)| T::read(&text));
        name.map(Self).ok_or_else(|| Problem::new(Kind::NotFound))
    }
}
