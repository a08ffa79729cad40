//! Names that the host chooses: session ids and turn keys.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    limit,
};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "Arc<str>", try_from = "Arc<str>")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the host's own text: 1 to 255 bytes without NUL.
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](Error::InvalidInput) when it is empty, longer or contains NUL.
            pub fn new(text: impl Into<Arc<str>>) -> Result<Self> {
                Self::try_from(text.into())
            }

            /// A new one of 122 random bits (a version 4 UUID, RFC 9562 section 5.4).
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::new_v4().to_string().into())
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Arc<str>> for $name {
            type Error = Error;

            fn try_from(text: Arc<str>) -> Result<Self> {
                limit::text($field, &text, limit::MAX_KEY_BYTES)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::new(text)
            }
        }

        impl From<$name> for Arc<str> {
            fn from(key: $name) -> Self {
                key.0
            }
        }

        /// Shows the length only: hosts put what they like into it.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

key! {
    /// The host's session key for a conversation: opaque text, unique per owner.
    ///
    /// It names one conversation of one owner until that conversation is deleted, across restarts
    /// and processes. Another owner may use the same text for a conversation of theirs; neither can
    /// tell. It is no permission: every look-up takes the owner too.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::SessionId;
    ///
    /// let session = SessionId::new("checkout-2026-117")?;
    ///
    /// assert_eq!(session.as_str(), "checkout-2026-117");
    /// assert_eq!(format!("{session:?}"), "SessionId(17 bytes)");
    /// assert_eq!(SessionId::generate().as_str().len(), 36);
    /// # Ok::<_, scrollback::Error>(())
    /// ```
    SessionId, "session id"
}

key! {
    /// An idempotency key: a turn sent with it is stored once, however often it is sent.
    ///
    /// Keys are scoped to one conversation of one owner.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::TurnKey;
    ///
    /// let key = TurnKey::new("client-message-9")?;
    ///
    /// assert!(TurnKey::new("").is_err());
    /// assert!(TurnKey::new("k".repeat(256)).is_err());
    /// # Ok::<_, scrollback::Error>(())
    /// ```
    TurnKey, "turn key"
}
