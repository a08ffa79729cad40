//! `ETag`, `If-Match` and `If-None-Match` of a conversation.

use std::hash::Hasher;

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{IF_MATCH, IF_NONE_MATCH},
        request::Parts,
    },
};
use fnv::FnvHasher;

use crate::http::{json, kind::Kind, problem::Problem, wire};

/// The version of a conversation: how many messages it holds, and a hash of all that is shown of it.
///
/// Not its times alone: two changes may be of one microsecond.
pub(super) fn of(conversation: &wire::Conversation) -> HeaderValue {
    let mut hasher = FnvHasher::default();
    hasher.write(json::text(conversation).as_bytes());
    let text = format!("\"{}.{:016x}\"", conversation.message_count, hasher.finish());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// What the client has seen of what it is about to change.
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
        match &self.0[..] {
            [] => Ok(None),
            [any] if any == "*" => Ok(None),
            // A weak tag, or one that is not ours, is of no version.
            [tag] => read(tag).map(Some).ok_or_else(|| Problem::new(Kind::Moved)),
            _ => Err(Problem::invalid("If-Match", "names more than one version")),
        }
    }

    /// Refuses what could only be promised by asking first and acting later, with others in between.
    pub(super) fn none(&self) -> Result<(), Problem> {
        match &self.0[..] {
            [] => Ok(()),
            [any] if any == "*" => Ok(()),
            _ => Err(Problem::invalid("If-Match", "is only taken where messages are added")),
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

fn read(tag: &str) -> Option<u32> {
    let (text, hash) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    let count: u32 = text.parse().ok()?;
    // One version has one tag: neither `+7` nor `07` is 7.
    (hash.len() == 16 && count.to_string() == text).then_some(count)
}
