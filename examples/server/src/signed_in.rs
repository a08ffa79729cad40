//! From the cookie to the user: what a host's own authentication would do.

use std::{sync::Arc, time::SystemTime};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::Response,
};

use crate::{
    problem::{Problem, UNAUTHENTICATED},
    session::User,
    shared::Shared,
};

/// Puts the [`User`] whom the cookie names into the request's extensions.
pub(crate) async fn identify(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(user) = shared.sessions.user(request.headers(), SystemTime::now()) {
        request.extensions_mut().insert(user);
    }
    next.run(request).await
}

/// Whoever has signed in: with this `scrollback::http` is told who is calling.
pub(crate) struct SignedIn(pub(crate) User);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().map(Self).ok_or(UNAUTHENTICATED)
    }
}
