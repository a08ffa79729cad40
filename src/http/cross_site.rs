//! Requests that a page of another site makes a browser send, cookies included.

use axum::http::{
    HeaderMap, Method, Uri,
    header::{HOST, ORIGIN},
};

/// Whether requests that change something must come from the site itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CrossSite {
    /// From this origin, and from those named.
    Refused { also: Vec<String> },
    /// The host answers for it.
    Unchecked,
}

const FETCH_SITE: &str = "sec-fetch-site";

impl CrossSite {
    /// Whether a page of another site has sent this.
    ///
    /// Every browser says so for whatever is neither `GET` nor `HEAD`: in `Sec-Fetch-Site` where it can,
    /// else in `Origin`. What says neither is no browser, and carries no cookie that it was not given.
    pub(super) fn refuses(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
        let Self::Refused { also } = self else { return false };
        if method.is_safe() {
            return false;
        }
        let origins: Vec<_> = headers.get_all(ORIGIN).iter().collect();
        let sites: Vec<_> =
            headers.get_all(FETCH_SITE).iter().map(|site| site.as_bytes()).collect();
        let named = |origin: &str| also.iter().any(|known| known.eq_ignore_ascii_case(origin));
        match (&origins[..], &sites[..]) {
            ([origin], _) if origin.to_str().is_ok_and(named) => false,
            (_, [b"same-origin" | b"none"]) => false,
            ([], []) => false,
            ([origin], []) => !is_of(origin.as_bytes(), uri, headers),
            _ => true,
        }
    }
}

/// Whether `origin` is the server that was asked. Its scheme is not compared: behind a proxy that ends
/// TLS, the server does not know its own. Of two hosts, the proxy may have taken the other one.
fn is_of(origin: &[u8], uri: &Uri, headers: &HeaderMap) -> bool {
    let authority = uri.authority().map(|authority| authority.as_str().as_bytes());
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none());
    let Some(asked) = authority.or_else(|| host.map(|host| host.as_bytes())) else {
        return false;
    };
    let schemes: [&[u8]; 2] = [b"http://", b"https://"];
    let mut origins = schemes.iter().filter_map(|scheme| origin.strip_prefix(*scheme));
    origins.any(|host| host.eq_ignore_ascii_case(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(check: &CrossSite, method: Method, sent: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        check.refuses(&method, &Uri::from_static("/conversations"), &headers)
    }

    #[test]
    fn what_another_site_sends_is_refused_and_what_no_browser_sends_is_not() {
        let check = CrossSite::Refused { also: vec!["https://app.example".to_owned()] };
        let host = ("host", "chat.example");

        for (sent, refused) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], true),
            (&[host, ("host", "evil.example"), ("origin", "https://chat.example")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")], false),
            (&[host, ("origin", "https://chat.example")], false),
            (&[host, ("origin", "https://CHAT.example")], false),
            (&[host, ("origin", "https://chat.example.evil.example")], true),
            (&[host, ("origin", "ftp://chat.example")], true),
            (&[host, ("origin", "null")], true),
            (&[("origin", "https://chat.example")], true),
            (&[host, ("origin", "https://app.example"), ("origin", "https://evil.example")], true),
        ] {
            assert_eq!(refuses(&check, Method::POST, sent), refused, "{sent:?}");
            assert!(!refuses(&check, Method::GET, sent) && !refuses(&check, Method::HEAD, sent));
            assert!(!refuses(&CrossSite::Unchecked, Method::DELETE, sent));
        }
    }
}
