//! The opaque places at which a listing can be continued.

use std::{fmt, hash::Hasher, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use fnv::FnvHasher;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    id::{ConversationId, UserId},
};

/// A place in one listing of one owner, to continue at, in one direction.
///
/// It is self-sufficient (continuing needs no look-up) and opaque: send it to the client as text and
/// parse what comes back. One that is cut short, altered, of another listing or of another owner is
/// [`InvalidInput`](Error::InvalidInput), never page 1. That protects against mix-ups, not against
/// forgery: a cursor is no permission, and the statement it continues names the owner anyway.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationQuery, ConversationStore, Cursor, Limit, MemoryStore, NewConversation, UserId};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let (store, ann) = (MemoryStore::new(), UserId::new(1));
/// for _ in 0..3 {
///     store.create(ann, NewConversation::new()).await?;
/// }
/// let first = store.list(ann, ConversationQuery::new(Limit::new(2)?)).await?;
///
/// let text = first.next.unwrap().to_string();
/// let cursor: Cursor = text.parse()?;
/// let second = store.list(ann, ConversationQuery::new(Limit::new(2)?).at(cursor)).await?;
///
/// assert_eq!((first.items.len(), second.items.len()), (2, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cursor {
    side: Side,
    key: (i64, i64),
    seal: u64,
}

/// On which side of the cursor's place the page lies, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Before = 0,
    After = 1,
}

/// What a cursor belongs to, beside its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    Conversations { archived: bool },
    Messages(ConversationId),
}

/// The encoded size: side, two numbers, seal.
const BYTES: usize = 25;

impl Cursor {
    pub(crate) fn new(owner: UserId, listing: Listing, side: Side, key: (i64, i64)) -> Self {
        Self { side, key, seal: seal(owner, listing, side, key) }
    }

    /// The place, if it is one of this listing of this owner.
    pub(crate) fn open(self, owner: UserId, listing: Listing) -> Result<(Side, (i64, i64))> {
        if self.seal == seal(owner, listing, self.side, self.key) {
            Ok((self.side, self.key))
        } else {
            Err(altered())
        }
    }
}

/// What is said of a cursor whose place cannot be one of this listing.
pub(crate) const fn altered() -> Error {
    Error::invalid("cursor", "was altered, or is of another listing")
}

/// FNV-1a (RFC 9923): equal in every process and release, which `std`'s hasher does not promise.
fn seal(owner: UserId, listing: Listing, side: Side, key: (i64, i64)) -> u64 {
    let (kind, within) = match listing {
        Listing::Conversations { archived } => (0, i64::from(archived)),
        Listing::Messages(conversation) => (1, conversation.get()),
    };
    let mut hasher = FnvHasher::default();
    for number in [owner.get(), kind, within, side as i64, key.0, key.1] {
        hasher.write(&number.to_le_bytes());
    }
    hasher.finish()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; BYTES];
        bytes[0] = self.side as u8;
        bytes[1..9].copy_from_slice(&self.key.0.to_le_bytes());
        bytes[9..17].copy_from_slice(&self.key.1.to_le_bytes());
        bytes[17..].copy_from_slice(&self.seal.to_le_bytes());
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        decode(text).ok_or(Error::invalid("cursor", "was cut short or altered"))
    }
}

fn decode(text: &str) -> Option<Cursor> {
    let mut bytes = [0; BYTES];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    let side = match bytes[0] {
        _ if length != BYTES => return None,
        0 => Side::Before,
        1 => Side::After,
        _ => return None,
    };
    let number = |at: usize| Some(i64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    Some(Cursor { side, key: (number(1)?, number(9)?), seal: number(17)?.cast_unsigned() })
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// Shows nothing: the place tells when a conversation was active.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_sent_as_its_text_and_shows_nothing() {
        let listing = Listing::Conversations { archived: false };
        let cursor = Cursor::new(UserId::new(1), listing, Side::After, (2, 3));

        let json = serde_json::to_string(&cursor).unwrap();

        assert_eq!(json, format!("\"{cursor}\""));
        assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
        assert_eq!(format!("{cursor:?}"), "Cursor(..)");
    }
}
