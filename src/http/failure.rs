//! What the library's errors are to clients.

use std::error::Error as _;

use crate::{
    chat_bot::ChatError,
    error::{Conflict, Error},
    http::{bot::BotTimeout, kind::Kind, problem::Problem},
};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        log(&error);
        match error {
            Error::InvalidInput { field, reason } => Self::invalid(over_http(field), reason),
            Error::Conflict(Conflict::Moved | Conflict::Changed) => Self::new(Kind::Moved),
            Error::Conflict(Conflict::KeyReused) => Self::new(Kind::KeyReused),
            Error::Conflict(Conflict::SessionTaken) => Self::new(Kind::Conflict),
            Error::NotFound => Self::new(Kind::NotFound),
            Error::Busy(_) | Error::Unreachable { .. } | Error::ReadOnly(_) => {
                Self::new(Kind::Unavailable)
            }
            Error::OutcomeUnknown(_) => Self::new(Kind::OutcomeUnknown),
            Error::Setup { .. } | Error::Internal(_) => Self::new(Kind::Internal),
        }
    }
}

/// The library names what it refuses by its own words.
const fn over_http(field: &'static str) -> &'static str {
    match field.as_bytes() {
        b"turn key" => "Idempotency-Key",
        _ => field,
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        let key = error.asked().and_then(|asked| asked.key.clone());
        match error {
            ChatError::Store(error) => error.into(),
            ChatError::Bot { source, .. } => {
                tracing::warn!(timeout = source.is::<BotTimeout>(), "the bot did not answer");
                let kind =
                    if source.is::<BotTimeout>() { Kind::BotTimeout } else { Kind::BotFailed };
                Self::new(kind).with_key(key)
            }
            ChatError::Reply { source, .. } => {
                let problem = Self::from(source);
                match problem.kind() {
                    Kind::NotFound => problem,
                    _ => problem.with_detail(NO_REPLY).with_key(key),
                }
            }
        }
    }
}

const NO_REPLY: &str =
    "the reply was not stored; your message is kept, send it again with idempotency_key";

/// What clients are not told is for whoever runs the server. No text of an error holds content.
fn log(error: &Error) {
    let source = error.source().map(ToString::to_string);
    let (kind, cause) = (error.kind(), source.as_deref());
    match error {
        Error::Setup { .. } | Error::Internal(_) => tracing::error!(kind, cause, "{error}"),
        _ if error.is_retryable() => tracing::warn!(kind, cause, "{error}"),
        _ => {}
    }
}
