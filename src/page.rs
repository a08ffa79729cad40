//! Pages, and how long one may be.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::Cursor,
    error::{Error, Result},
    limit,
};

/// How many items a page may hold: 1 to 1,000.
///
/// A message has up to 4 MiB, so what a page takes in memory is for whoever allows long messages to
/// bound, with a smaller limit.
///
/// # Examples
///
/// ```
/// use scrollback::Limit;
///
/// assert_eq!(Limit::new(20)?.get(), 20);
/// assert!(Limit::new(0).is_err());
/// assert!(Limit::new(1_001).is_err());
/// assert_eq!(Limit::default().get(), 50);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub struct Limit(u32);

impl Limit {
    /// The longest page.
    pub const MAX: Self = Self(limit::MAX_PAGE_ITEMS);

    /// A page of at most `items`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when `items` is 0 or over 1,000.
    pub const fn new(items: u32) -> Result<Self> {
        match limit::page(items) {
            Ok(()) => Ok(Self(items)),
            Err(reason) => Err(Error::invalid("limit", reason)),
        }
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// 50 items.
impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u32> for Limit {
    type Error = Error;

    fn try_from(items: u32) -> Result<Self> {
        Self::new(items)
    }
}

impl From<Limit> for u32 {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

/// Some items of a listing in reading order, and where to go on.
///
/// Reading order is oldest first for messages and newest activity first for conversations. `next`
/// continues downwards in that order, `previous` upwards; `None` means that there was nothing more
/// on that side. An empty page has neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, at most as many as the [`Limit`] asked for.
    pub items: Vec<T>,
    /// Continues before the first item.
    pub previous: Option<Cursor>,
    /// Continues after the last item.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page with its neighbours.
    #[must_use]
    pub const fn new(items: Vec<T>, previous: Option<Cursor>, next: Option<Cursor>) -> Self {
        Self { items, previous, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_sent_as_its_number_and_checked_when_it_arrives() {
        let limit = Limit::new(7).unwrap();

        assert_eq!(serde_json::to_string(&limit).unwrap(), "7");
        assert_eq!(serde_json::from_str::<Limit>("7").unwrap(), limit);
        assert!(serde_json::from_str::<Limit>("0").is_err());
    }
}
