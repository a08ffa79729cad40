//! Versions of a conversation.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SubsecRound, Utc};

use crate::error::{Error, Result};

/// One state of a conversation, which a change or a deletion can name as the only one it is meant for
/// (optimistic concurrency).
///
/// [`Conversation::version`](crate::Conversation::version) gives it; every change makes a later one, and
/// what changes nothing, such as a turn sent again, keeps it. It compares with versions of the same
/// conversation only. As text it can go to a client and come back; what the text holds may change.
///
/// # Examples
///
/// ```
/// use scrollback::{Conflict, ConversationStore, ConversationUpdate, Error, MemoryStore, NewConversation, UserId, Version};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let (store, ann) = (MemoryStore::new(), UserId::new(1));
/// let chat = store.create(ann, NewConversation::new()).await?;
/// let seen: Version = chat.version().to_string().parse()?;
/// let rename = |title| ConversationUpdate::new().with_title(title).map(|it| it.with_expected_version(seen));
///
/// let renamed = store.update(ann, chat.id, rename("Trip to Oslo")?).await?;
/// let too_late = store.update(ann, chat.id, rename("Trip to Bergen")?).await;
///
/// assert!(renamed.version() > seen);
/// assert!(matches!(too_late, Err(Error::Conflict(Conflict::Changed))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(DateTime<Utc>);

impl Version {
    pub(crate) fn of(updated_at: DateTime<Utc>) -> Self {
        Self(updated_at.trunc_subsecs(6))
    }

    /// One that no conversation has, whatever its text says: none changes before 1970.
    #[cfg(feature = "http")]
    pub(crate) fn never() -> Self {
        Self(DateTime::UNIX_EPOCH - chrono::Duration::microseconds(1))
    }

    /// For stores that keep times: the `updated_at` of a conversation of this version, in microseconds.
    #[must_use]
    pub const fn updated_at(self) -> DateTime<Utc> {
        self.0
    }
}

/// Visible ASCII characters without quotes, commas and dots.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0.timestamp_micros(), f)
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let micros = i64::from_str_radix(text, 16).ok().filter(|micros| *micros >= 0);
        let version = micros.and_then(DateTime::from_timestamp_micros).map(Self);
        // One version has one text: neither `+a` nor `0a` nor `A` is `a`.
        let same = version.filter(|version| version.to_string() == text);
        same.ok_or(Error::invalid("version", "is not the text of one"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_its_own_text_and_from_no_other() {
        let last = DateTime::<Utc>::MAX_UTC;
        for time in [DateTime::UNIX_EPOCH, Utc::now(), last] {
            let version = Version::of(time);
            assert_eq!(version.to_string().parse::<Version>().unwrap(), version);
        }

        for text in ["", "x", "-1", "+a", "0a", "A", "a ", "7fffffffffffffff", "10000000000000000"]
        {
            assert!(text.parse::<Version>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_a_database_cannot_keep_of_a_time_is_not_in_its_version() {
        let time = DateTime::from_timestamp_nanos(1_999);

        assert_eq!(Version::of(time), Version::of(DateTime::from_timestamp_nanos(1_000)));
        assert_eq!(Version::of(time).updated_at().timestamp_micros(), 1);
    }

    #[cfg(feature = "http")]
    #[test]
    fn what_no_conversation_has_is_no_text_either() {
        assert!(Version::never().to_string().parse::<Version>().is_err());
    }
}
