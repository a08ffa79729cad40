//! Other sites: their pages may not sign anybody in or out here.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::problem::CROSS_SITE;

/// Refuses what a page of another site sends, as `scrollback::http` does below `/api`.
pub(crate) async fn refuse(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_foreign(request.headers()) {
        return CROSS_SITE.into_response();
    }
    next.run(request).await
}

/// Browsers say whose page has sent a request: in `Sec-Fetch-Site`, those that do not know it in `Origin`.
/// Each once: of two, a proxy may have read the other one.
fn is_foreign(headers: &HeaderMap) -> bool {
    let sites: Vec<_> =
        headers.get_all("sec-fetch-site").iter().map(HeaderValue::as_bytes).collect();
    match &sites[..] {
        [] => headers.get_all(ORIGIN).iter().any(|origin| !is_asked(origin, headers)),
        [b"same-origin" | b"none"] => false,
        _ => true,
    }
}

/// Whether `origin` is the server that was asked.
fn is_asked(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let schemes: [&[u8]; 2] = [b"http://", b"https://"];
    let mut named = schemes.iter().filter_map(|scheme| origin.as_bytes().strip_prefix(*scheme));
    named.any(|named| named.eq_ignore_ascii_case(host.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_site_sends_is_foreign_and_what_no_browser_sends_is_not() {
        let host = ("host", "127.0.0.1:3000");
        for (sent, foreign) in [
            (&[host][..], false),
            (&[host, ("sec-fetch-site", "same-origin")], false),
            (&[host, ("sec-fetch-site", "none")], false),
            (&[host, ("sec-fetch-site", "same-site")], true),
            (&[host, ("sec-fetch-site", "cross-site")], true),
            (&[host, ("origin", "http://127.0.0.1:3000")], false),
            (&[host, ("origin", "http://127.0.0.1:4000")], true),
            (&[host, ("origin", "null")], true),
            (&[("origin", "http://127.0.0.1:3000")], true),
            (&[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], true),
            (&[host, ("host", "evil.example"), ("origin", "http://127.0.0.1:3000")], true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(is_foreign(&headers), foreign, "{sent:?}");
        }
    }
}
