//! What to read of a conversation's messages.

use crate::{
    cursor::{Cursor, Listing, Side, altered},
    error::Result,
    id::{ConversationId, Position, UserId},
    message::Message,
    page::{Limit, Page},
};

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
    /// [`InvalidInput`](crate::Error::InvalidInput) when the cursor is not one of this conversation of
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
