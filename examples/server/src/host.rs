//! Which names this server answers to.
//!
//! A page of another site can have its own name point to this machine (DNS rebinding); to the browser
//! the two are one site then. But it still says which name it asked.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{problem::MISDIRECTED, shared::Shared};

const OF_THIS_MACHINE: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Refuses what was asked of another name than this machine's own or one of `--host`.
pub(crate) async fn refuse_others(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if is_ours(&request, &shared.hosts) {
        next.run(request).await
    } else {
        MISDIRECTED.into_response()
    }
}

/// What names no host is no browser; what names several must mean this server by each.
fn is_ours(request: &Request, ours: &[String]) -> bool {
    let is_known = |asked: &Authority| {
        let mut known = OF_THIS_MACHINE.into_iter().chain(ours.iter().map(String::as_str));
        known.any(|host| host.eq_ignore_ascii_case(asked.host()))
    };
    if let Some(asked) = request.uri().authority() {
        return is_known(asked);
    }
    let mut named = request.headers().get_all(HOST).iter();
    named.all(|host| Authority::try_from(host.as_bytes()).is_ok_and(|asked| is_known(&asked)))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(uri: &str, host: Option<&str>) -> bool {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        is_ours(&request.body(Body::empty()).unwrap(), &["chat.example".to_owned()])
    }

    #[test]
    fn only_names_of_this_machine_and_those_given_are_ours() {
        for host in ["127.0.0.1", "localhost:3000", "LOCALHOST", "[::1]:3000", "chat.example:443"] {
            assert!(asked("/", Some(host)), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "chat.example.evil", "", "a b", "@"]
        {
            assert!(!asked("/", Some(host)), "{host}");
        }
        assert!(asked("/", None));
        assert!(!asked("http://evil.example/", Some("127.0.0.1")));
        let two = Request::builder().header(HOST, "localhost").header(HOST, "evil.example");
        assert!(!is_ours(&two.body(Body::empty()).unwrap(), &[]));
    }
}
