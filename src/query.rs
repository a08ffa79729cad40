//! What to read: a page of conversations, or a page of messages.

use chrono::{DateTime, Utc};

use crate::{
    conversation::Conversation,
    cursor::{Cursor, Listing, Side},
    error::{Error, Result},
    id::{ConversationId, Position, UserId},
    message::Message,
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
    /// [`InvalidInput`](Error::InvalidInput) when the cursor is not one of this listing of `owner`.
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

/// Which messages of a conversation to read. Pages are always in order of position.
///
/// # Examples
///
/// ```
/// use scrollback::{Limit, MessageQuery, Position};
///
/// let newest = MessageQuery::last(Limit::default());
/// let older = MessageQuery::before(Position::new(151).unwrap(), Limit::default());
/// let since = MessageQuery::after(Position::new(200).unwrap(), Limit::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageQuery {
    from: From,
    limit: Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Start,
    End,
    Before(Position),
    After(Position),
    Cursor(Cursor),
}

impl MessageQuery {
    /// The newest messages.
    #[must_use]
    pub const fn last(limit: Limit) -> Self {
        Self { from: From::End, limit }
    }

    /// The oldest messages.
    #[must_use]
    pub const fn first(limit: Limit) -> Self {
        Self { from: From::Start, limit }
    }

    /// The messages just before `position`.
    #[must_use]
    pub const fn before(position: Position, limit: Limit) -> Self {
        Self { from: From::Before(position), limit }
    }

    /// The messages just after `position`.
    #[must_use]
    pub const fn after(position: Position, limit: Limit) -> Self {
        Self { from: From::After(position), limit }
    }

    /// Continues at `cursor`, which came with a page of the same conversation.
    #[must_use]
    pub const fn at(cursor: Cursor, limit: Limit) -> Self {
        Self { from: From::Cursor(cursor), limit }
    }

    /// For stores: what to select from `conversation` of `owner`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when the cursor is not one of this conversation of
    /// `owner`.
    pub fn window(&self, owner: UserId, conversation: ConversationId) -> Result<MessageWindow> {
        let (after, up_to) = match self.from {
            From::Start => (Some(0), None),
            From::End => (None, None),
            From::After(position) => (Some(position.get()), None),
            From::Before(position) => (None, Some(position.get() - 1)),
            From::Cursor(cursor) => match cursor.open(owner, Listing::Messages(conversation))? {
                (Side::After, key) => (Some(place(key)?), None),
                (Side::Before, key) => (None, Some(place(key)?.saturating_sub(1))),
            },
        };
        Ok(MessageWindow { after, up_to, rows: self.limit.get() })
    }
}

/// The rows that answer a [`MessageQuery`]: a closed range of positions.
///
/// Positions are dense, so a page is a range that is known before it is read, and no store has to
/// sort or skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageWindow {
    /// Only positions greater than this, the lowest first.
    pub after: Option<u32>,
    /// Where `after` is not given: the highest of the positions up to this one, or of all.
    pub up_to: Option<u32>,
    /// How many at most.
    pub rows: u32,
}

impl MessageWindow {
    /// The range `start..end` of zero-based indices into a conversation of `count` messages.
    #[must_use]
    pub fn indices(&self, count: u32) -> std::ops::Range<usize> {
        let (start, end) = match self.after {
            Some(after) => (after.min(count), after.saturating_add(self.rows).min(count)),
            None => {
                let end = self.up_to.map_or(count, |up_to| up_to.min(count));
                (end.saturating_sub(self.rows), end)
            }
        };
        start as usize..end as usize
    }

    /// The page of these messages, in order of position, of a conversation that holds `count`.
    #[must_use]
    pub fn page(
        owner: UserId,
        conversation: ConversationId,
        count: u32,
        items: Vec<Message>,
    ) -> Page<Message> {
        let cursor = |side, at: Option<&Message>| {
            at.map(|at| {
                Cursor::new(
                    owner,
                    Listing::Messages(conversation),
                    side,
                    (at.position.get().into(), 0),
                )
            })
        };
        let previous =
            cursor(Side::Before, items.first().filter(|first| first.position > Position::FIRST));
        let next = cursor(Side::After, items.last().filter(|last| last.position.get() < count));
        Page::new(items, previous, next)
    }
}

fn place((position, _): (i64, i64)) -> Result<u32> {
    position.try_into().map_err(|_| altered())
}

/// A forged cursor may hold any number; PostgreSQL's `timestamptz` starts at 4713 BC.
fn instant(micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).filter(|_| micros >= 0).ok_or_else(altered)
}

const fn altered() -> Error {
    Error::invalid("cursor", "was altered, or is of another listing")
}
