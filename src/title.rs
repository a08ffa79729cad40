//! What an owner calls a conversation.

use std::{fmt, sync::Arc};

use crate::{
    error::{Error, Result},
    limit,
};

/// A title within the limits: 1 to 512 bytes without NUL.
///
/// An input cannot hold any other, however it is changed after it was built:
///
/// ```compile_fail,E0277
/// let mut new = scrollback::NewConversation::new();
/// new.title = Some("".into());
/// ```
///
/// # Examples
///
/// ```
/// use scrollback::Title;
///
/// let title = Title::new("Trip to Oslo")?;
///
/// assert_eq!(title.as_str(), "Trip to Oslo");
/// assert_eq!(format!("{title:?}"), "Title(12 bytes)");
/// assert!(Title::new("x".repeat(513)).is_err());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Title(Arc<str>);

impl Title {
    /// Takes the text of a title.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when it is empty, longer than 512 bytes or contains
    /// NUL.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self> {
        Self::try_from(text.into())
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
        limit::text("title", &text, limit::MAX_TITLE_BYTES)?;
        Ok(Self(text))
    }
}

impl From<Title> for Arc<str> {
    fn from(title: Title) -> Self {
        title.0
    }
}

/// Shows the length only.
impl fmt::Debug for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Title({} bytes)", self.0.len())
    }
}
