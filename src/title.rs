//! What an owner calls a conversation.

use std::{fmt, sync::Arc};

use crate::{
    error::{Error, Result},
    limit,
};

/// A title: 1 to 512 bytes without NUL. `Debug` shows its length only.
///
/// # Examples
///
/// ```
/// use scrollback::Title;
///
/// assert_eq!(Title::new("Trip to Oslo")?.as_str(), "Trip to Oslo");
/// assert!(Title::new("x".repeat(513)).is_err());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Title(Arc<str>);

impl Title {
    /// Checks a text.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when it is empty, longer than 512 bytes or contains NUL.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self> {
        let text = text.into();
        limit::text("title", &text, limit::MAX_TITLE_BYTES)?;
        Ok(Self(text))
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Arc<str>> for Title {
    type Error = Error;

    fn try_from(text: Arc<str>) -> Result<Self> {
        Self::new(text)
    }
}

impl From<Title> for Arc<str> {
    fn from(title: Title) -> Self {
        title.0
    }
}

impl fmt::Debug for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Title({} bytes)", self.0.len())
    }
}
