//! The kinds of problems that clients meet.

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi::schema};

macro_rules! kinds {
    ($($name:ident $status:ident $word:literal, $title:literal, $detail:literal;)*) => {
        /// What went wrong, as clients tell it apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $($name,)*
        }

        impl Kind {
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];

            pub(super) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                }
            }

            pub(super) const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// What is said where nothing more is known.
            pub(super) const fn detail(self) -> &'static str {
                match self {
                    $(Self::$name => $detail,)*
                }
            }

            /// The last part of its URI.
            pub(super) const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            pub(super) const fn uri(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("urn:problem-type:scrollback:", $word),)*
                }
            }
        }
    };
}

kinds! {
    InvalidInput BAD_REQUEST "invalid-input", "Invalid input",
        "the request breaks a rule; nothing was stored";
    Unauthenticated UNAUTHORIZED "unauthenticated", "Not signed in",
        "sign in first";
    Forbidden FORBIDDEN "forbidden", "Not allowed",
        "you may not use this";
    CrossSite FORBIDDEN "cross-site", "Request from another site",
        "requests that change something must come from this site";
    NotFound NOT_FOUND "not-found", "Not found",
        "nothing of yours has this name";
    NoEndpoint NOT_FOUND "no-endpoint", "No such endpoint",
        "nothing is served here; the document of this interface is openapi.json";
    MethodNotAllowed METHOD_NOT_ALLOWED "method-not-allowed", "Method not allowed",
        "this endpoint does not take this method; the header Allow names those it takes";
    SlowBody REQUEST_TIMEOUT "slow-body", "The body took too long",
        "the body did not arrive in time; nothing was stored";
    KeyReused CONFLICT "key-reused", "Idempotency key reused",
        "this Idempotency-Key was used for another request; use a new key for a new request";
    Conflict CONFLICT "conflict", "Conflict",
        "the request contradicts what is stored; read it again and decide";
    Moved PRECONDITION_FAILED "moved", "Changed meanwhile",
        "it is not, or not any more, what If-Match names; send the ETag as it was given, quotes included, or read \
         again and decide";
    TooLarge PAYLOAD_TOO_LARGE "too-large", "Body too large",
        "the body is larger than this endpoint takes; nothing was stored";
    MediaType UNSUPPORTED_MEDIA_TYPE "media-type", "Not JSON",
        "send a body of Content-Type application/json, without Content-Encoding";
    HeadersTooLarge REQUEST_HEADER_FIELDS_TOO_LARGE "headers-too-large", "Headers too large",
        "the header fields of the request are larger than 32 KiB together";
    Internal INTERNAL_SERVER_ERROR "internal", "Internal error",
        "the server failed; whoever runs it finds the reason in its log";
    BotFailed BAD_GATEWAY "bot-failed", "The bot failed",
        "the bot did not answer; your message is kept, send it again with idempotency_key";
    Unavailable SERVICE_UNAVAILABLE "unavailable", "Not available at the moment",
        "nothing was applied; try again";
    OutcomeUnknown SERVICE_UNAVAILABLE "outcome-unknown", "Outcome unknown",
        "it may have been applied; send it again with the same Idempotency-Key, or read first if it had none";
    BotTimeout GATEWAY_TIMEOUT "bot-timeout", "The bot took too long",
        "the bot did not answer in time; your message is kept, send it again with idempotency_key";
}

impl Kind {
    /// Whether any request may meet it.
    pub(super) const fn is_everywhere(self) -> bool {
        matches!(
            self,
            Self::InvalidInput
                | Self::Unauthenticated
                | Self::Forbidden
                | Self::HeadersTooLarge
                | Self::Internal
                | Self::Unavailable
        )
    }

    /// Whether any request with a body may meet it.
    pub(super) const fn is_of_bodies(self) -> bool {
        matches!(self, Self::SlowBody | Self::TooLarge | Self::MediaType)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.uri())
    }
}

impl PartialSchema for Kind {
    fn schema() -> utoipa::openapi::RefOr<schema::Schema> {
        let values = Self::ALL.iter().map(|kind| kind.uri());
        let text = schema::Object::with_type(schema::Type::String);
        schema::ObjectBuilder::from(text).enum_values(Some(values)).build().into()
    }
}

impl ToSchema for Kind {}
