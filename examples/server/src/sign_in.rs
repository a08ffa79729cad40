//! **A stand-in for the host's authentication**: whoever gives a name is that person.
//!
//! A real host takes its own (passwords, passkeys, a token of an identity provider) and tells
//! `scrollback::http` in the same way who is calling; nothing else of the server changes.

use std::{sync::Arc, time::SystemTime};

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::{
    body,
    problem::Problem,
    session::{Sessions, User},
    shared::Shared,
    signed_in::SignedIn,
};

const MAX_NAME_CHARS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
}

/// `POST /sign-in` with `{"name": ".."}`: the cookie that says who it is from now on.
pub(crate) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    let sent: SignIn = body::read(request, "is not an object with a name and nothing else").await?;
    let name = checked(&sent.name)?;
    // The store keeps the users too: the same name is the same owner for ever.
    let id = shared.store.ensure_user(name).await.map_err(about_the_name)?.get();
    Ok(answer(shared.sessions.begin(User::new(id, name), SystemTime::now())))
}

/// `POST /sign-out`.
pub(crate) async fn sign_out() -> Response {
    answer(Sessions::end())
}

/// `GET /me`: who has signed in.
pub(crate) async fn me(SignedIn(user): SignedIn) -> Response {
    #[derive(Serialize)]
    struct Me {
        name: String,
    }

    let me = serde_json::to_vec(&Me { name: user.name }).unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], me).into_response()
}

fn checked(name: &str) -> Result<&str, Problem> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Problem::invalid("name", "is empty")),
        1..=MAX_NAME_CHARS if name.chars().any(char::is_control) => {
            Err(Problem::invalid("name", "contains a control character"))
        }
        1..=MAX_NAME_CHARS => Ok(name),
        _ => Err(Problem::invalid("name", "is longer than 64 characters")),
    }
}

/// The store calls it the subject.
fn about_the_name(error: scrollback::Error) -> Problem {
    match error {
        scrollback::Error::InvalidInput { reason, .. } => Problem::invalid("name", reason),
        error => error.into(),
    }
}

fn answer(set_cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(set_cookie.map(|value| (SET_COOKIE, value)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_visible_and_trimmed() {
        assert_eq!(checked("  Ann \n").unwrap(), "Ann");
        assert!(checked(&"\u{e9}".repeat(64)).is_ok());

        for (name, reason) in [
            (" \t", "is empty"),
            ("a\u{0}b", "contains a control character"),
            ("a\nb", "contains a control character"),
            (&*"x".repeat(65), "is longer than 64 characters"),
        ] {
            let problem = serde_json::to_value(checked(name).unwrap_err()).unwrap();
            assert_eq!((&problem["field"], &problem["reason"]), (&"name".into(), &reason.into()));
        }
    }
}
