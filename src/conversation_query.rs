//! What to read of an owner's conversations.

use chrono::{DateTime, Utc};

use crate::{
    conversation::Conversation,
    cursor::{Cursor, Listing, Side, altered},
    error::Result,
    id::{ConversationId, UserId},
    page::{Limit, Page},
};

/// Which of an owner's conversations to read: newest activity first.
///
/// The active and the archived conversations are two listings, so that a page of one never has to
/// skip over the other.
///
/// # Examples
///
/// ```
/// use scrollback::{ConversationQuery, Limit};
///
/// let newest = ConversationQuery::default();
/// let archive = ConversationQuery::new(Limit::new(20)?).archived();
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationQuery {
    limit: Limit,
    archived: bool,
    cursor: Option<Cursor>,
}

impl ConversationQuery {
    /// The active conversations, `limit` a page.
    #[must_use]
    pub const fn new(limit: Limit) -> Self {
        Self { limit, archived: false, cursor: None }
    }

    /// The archived conversations instead.
    #[must_use]
    pub const fn archived(mut self) -> Self {
        self.archived = true;
        self
    }

    /// Continues at `cursor`, which came with a page of the same listing.
    #[must_use]
    pub const fn at(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// For stores: what to select for `owner`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::Error::InvalidInput) when the cursor is not one of this listing of `owner`.
    pub fn seek(&self, owner: UserId) -> Result<ConversationSeek> {
        let place = self.cursor.map(|cursor| cursor.open(owner, self.listing())).transpose()?;
        let (side, key) = place.map_or((Side::After, None), |(side, key)| (side, Some(key)));
        let key = match key {
            Some((micros, id)) => Some((instant(micros)?, ConversationId::new(id))),
            None => None,
        };
        Ok(ConversationSeek {
            archived: self.archived,
            newer: side == Side::Before,
            key,
            // One more than the page shows whether there is another page.
            rows: self.limit.get() + 1,
        })
    }

    /// For stores: cuts the page out of the rows that were selected as [`seek`](Self::seek) says.
    #[must_use]
    pub fn page(
        &self,
        owner: UserId,
        seek: &ConversationSeek,
        mut rows: Vec<Conversation>,
    ) -> Page<Conversation> {
        let more = rows.len() >= seek.rows as usize;
        rows.truncate(self.limit.get() as usize);
        if seek.newer {
            rows.reverse();
        }
        let cursor = |side, at: Option<&Conversation>| {
            at.map(|at| {
                Cursor::new(
                    owner,
                    self.listing(),
                    side,
                    (at.updated_at.timestamp_micros(), at.id.get()),
                )
            })
        };
        // A page that a cursor led to has what the cursor came from on its other side.
        let previous = if seek.newer { more } else { seek.key.is_some() };
        let next = seek.newer || more;
        let previous = cursor(Side::Before, rows.first().filter(|_| previous));
        let next = cursor(Side::After, rows.last().filter(|_| next));
        Page::new(rows, previous, next)
    }

    const fn listing(&self) -> Listing {
        Listing::Conversations { archived: self.archived }
    }
}

/// The rows that answer a [`ConversationQuery`].
///
/// Of the owner's conversations with this `archived`, ordered by `(updated_at, id)`: those strictly
/// older than `key`, newest first; or, with `newer`, those strictly newer, oldest first. Without a
/// `key`, all. At most `rows` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversationSeek {
    /// The listing: archived or active.
    pub archived: bool,
    /// Towards newer activity (ascending) instead of older (descending).
    pub newer: bool,
    /// Where to start, exclusively.
    pub key: Option<(DateTime<Utc>, ConversationId)>,
    /// How many rows at most: the page and one more.
    pub rows: u32,
}

/// A forged cursor may hold any number; PostgreSQL's `timestamptz` starts at 4713 BC.
fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).filter(|_| micros >= 0).ok_or_else(altered)
}
