//! What the server has had all along, and keeps: its users, and its chatbot.

use axum::{
    extract::Request,
    http::{StatusCode, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};

/// The user who was found to be asking.
#[derive(Clone, Copy)]
pub(super) struct SignedIn(pub(super) i64);

/// Stands for whatever authentication a server has; here two tokens are known.
pub(super) async fn authenticate(mut request: Request, next: Next) -> Result<Response, StatusCode> {
    let token = request.headers().get(AUTHORIZATION).map(|token| token.as_bytes());
    let user = match token {
        Some(b"Bearer token-of-ann") => SignedIn(1),
        Some(b"Bearer token-of-ben") => SignedIn(2),
        _ => return Err(StatusCode::UNAUTHORIZED),
    };
    request.extensions_mut().insert(user);
    Ok(next.run(request).await)
}

/// The texts so far in, a reply out.
pub(super) fn chatbot(texts: &[&str]) -> String {
    format!("You began with \"{}\", {} texts ago.", texts[0], texts.len() - 1)
}
