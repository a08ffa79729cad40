//! `ETag`, `If-Match` and `If-None-Match` of a conversation.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{IF_MATCH, IF_NONE_MATCH},
        request::Parts,
    },
};

use crate::{conversation::Conversation, http::problem::Problem, version::Version};

/// The version of a conversation, after how many messages it holds.
pub(super) fn of(conversation: &Conversation) -> HeaderValue {
    let text = format!("\"{}.{}\"", conversation.message_count, conversation.version());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// What the client has seen of what it is about to change.
///
/// A tag that is weak, or none of ours, expects what no conversation has: so the store says first whether
/// there is such a conversation, as it does for every other tag.
pub(super) struct IfMatch(Vec<String>);

/// What the client has already of what it reads.
pub(super) struct IfNoneMatch(Vec<String>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(tags(&parts.headers, IF_MATCH)))
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(tags(&parts.headers, IF_NONE_MATCH)))
    }
}

/// A tag of ours has no comma, so what is cut at one is none.
fn tags(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let values = headers.get_all(name).into_iter().map(|value| value.to_str().unwrap_or("?"));
    values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect()
}

impl IfMatch {
    /// How many messages the conversation must hold for the client to have seen them all.
    pub(super) fn count(&self) -> Result<Option<u32>, Problem> {
        let tag = self.tag()?;
        Ok(tag.map(|tag| read(tag).map_or(u32::MAX, |(count, _)| count)))
    }

    /// What the conversation must be for the client to have seen it.
    pub(super) fn version(&self) -> Result<Option<Version>, Problem> {
        let tag = self.tag()?;
        Ok(tag.map(|tag| read(tag).map_or_else(Version::never, |(_, version)| version)))
    }

    fn tag(&self) -> Result<Option<&str>, Problem> {
        match &self.0[..] {
            [] => Ok(None),
            [any] if any == "*" => Ok(None),
            [tag] => Ok(Some(tag)),
            _ => Err(Problem::invalid("If-Match", "names more than one version")),
        }
    }
}

impl IfNoneMatch {
    /// Whether the client has this version already. Weak tags do for that (RFC 9110, 13.1.2).
    pub(super) fn has(&self, etag: &HeaderValue) -> bool {
        let has = |tag: &String| tag == "*" || etag == tag.strip_prefix("W/").unwrap_or(tag);
        self.0.iter().any(has)
    }
}

fn read(tag: &str) -> Option<(u32, Version)> {
    let (text, version) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    let count: u32 = text.parse().ok()?;
    // One version has one tag: neither `+7` nor `07` is 7.
    (count.to_string() == text).then_some((count, version.parse().ok()?))
}
