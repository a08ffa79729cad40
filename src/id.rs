//! The numbers that name things.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The owner: the user that the host's authentication produced.
///
/// It has no `Default` and is not deserialisable, so it cannot arrive in a request body by accident:
/// only code that writes `UserId::new` makes one.
///
/// ```compile_fail
/// let owner: scrollback::UserId = serde_json::from_str("1").unwrap();
/// ```
///
/// # Examples
///
/// ```
/// use scrollback::UserId;
///
/// let authenticated = 7;
///
/// assert_eq!(UserId::new(authenticated).get(), 7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// Wraps the number that the host's authentication gave this user.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        ///
        /// Stores assign it; it is never a permission. Any number may be looked up, and one that is
        /// not the caller's is [`NotFound`](crate::Error::NotFound).
        ///
        /// # Examples
        ///
        /// ```
        #[doc = concat!("use scrollback::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id: ", stringify!($name), " = \"42\".parse().unwrap();")]
        ///
        #[doc = concat!("assert_eq!(id, ", stringify!($name), "::new(42));")]
        #[doc = concat!("assert!(\"42x\".parse::<", stringify!($name), ">().is_err());")]
        /// ```
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a number, as it came from a path or a database.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The number itself.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                text.parse().map(Self).map_err(|_| Error::invalid($field, "is not a 64-bit integer"))
            }
        }
    };
}

id! {
    /// Names one conversation.
    ConversationId, "conversation id"
}

id! {
    /// Names one message.
    MessageId, "message id"
}

/// The place of a message in its conversation, counted from 1 without gaps.
///
/// # Examples
///
/// ```
/// use scrollback::Position;
///
/// assert_eq!(Position::FIRST.get(), 1);
/// assert_eq!(Position::new(0), None);
/// assert_eq!("7".parse::<Position>()?.get(), 7);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(NonZeroU32);

impl Position {
    /// The place of the first message.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The `n`-th place; `None` when `n` is 0.
    #[must_use]
    pub const fn new(n: u32) -> Option<Self> {
        match NonZeroU32::new(n) {
            Some(n) => Some(Self(n)),
            None => None,
        }
    }

    /// The place as a number from 1.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self).map_err(|_| Error::invalid("position", "is no whole number from 1"))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
