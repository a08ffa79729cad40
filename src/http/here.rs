//! Where a request went, for the links in its answer.

use std::fmt::Write as _;

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderValue, request::Parts},
};

/// The path as the client sees it: with whatever the host has nested the router under.
pub(super) struct Here(String);

impl Here {
    pub(super) fn of(parts: &Parts) -> Self {
        let original = parts.extensions.get::<OriginalUri>().map(|OriginalUri(uri)| uri);
        Self(original.unwrap_or(&parts.uri).path().trim_end_matches('/').to_owned())
    }

    /// This path with a query.
    pub(super) fn with(&self, query: &str) -> String {
        format!("{}?{query}", self.0)
    }

    /// What is called `name` below this path.
    pub(super) fn below(&self, name: &str) -> Option<HeaderValue> {
        location(format!("{}/{}", self.0, segment(name)))
    }

    /// What is called `name` beside this path, and `rest` below that.
    pub(super) fn beside(&self, name: &str, rest: &str) -> Option<HeaderValue> {
        let (parent, _) = self.0.rsplit_once('/')?;
        location(format!("{parent}/{}/{rest}", segment(name)))
    }

    /// What the router was nested under, when the rest of the path is `own`.
    pub(super) fn root(&self, own: &str) -> &str {
        self.0.strip_suffix(own).unwrap_or(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for Here {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// Where something is, as the value of a header.
pub(super) fn location(path: String) -> Option<HeaderValue> {
    HeaderValue::try_from(path).ok()
}

/// A name as one segment of a path: all but the unreserved characters of RFC 3986 are escaped.
fn segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                segment.push(byte.into());
            }
            // Writing to a `String` cannot fail.
            _ => _ = write!(segment, "%{byte:02X}"),
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_segment_whatever_is_in_it() {
        assert_eq!(segment("start:a/b c?é"), "start%3Aa%2Fb%20c%3F%C3%A9");
        let here = Here("/api/chat/start".to_owned());
        assert_eq!(here.beside("a/b", "history").unwrap(), "/api/chat/a%2Fb/history");
        assert_eq!(
            (here.root("/chat/start"), &*here.with("limit=1")),
            ("/api", "/api/chat/start?limit=1")
        );
    }
}
