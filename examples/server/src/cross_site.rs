//! Other sites: their pages may not sign anybody in or out here.

use axum::{
    extract::Request,
    http::{
        HeaderMap,
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
fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let host = headers.get(HOST).map(|host| host.as_bytes()).unwrap_or_default();
    headers.get_all(ORIGIN).iter().any(|origin| {
        let asked = ["http://", "https://"]
            .iter()
            .find_map(|scheme| origin.as_bytes().strip_prefix(scheme.as_bytes()));
        asked.is_none_or(|asked| !asked.eq_ignore_ascii_case(host))
    })
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
        ] {
            let sent_headers = sent.iter().map(|(name, value)| {
                (name.parse().unwrap(), value.parse::<axum::http::HeaderValue>().unwrap())
            });
            assert_eq!(is_foreign(&HeaderMap::from_iter(sent_headers)), foreign, "{sent:?}");
        }
    }
}
