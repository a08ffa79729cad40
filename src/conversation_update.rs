//! Conversations, as they are changed.

use std::sync::Arc;

use crate::{
    conversation::Conversation, error::Result, metadata::Metadata, title::Title, version::Version,
};

/// What to change on a conversation; what is not named stays.
///
/// # Examples
///
/// ```
/// use scrollback::ConversationUpdate;
///
/// let rename = ConversationUpdate::new().with_title("Trip to Bergen")?;
/// let clear_and_archive = ConversationUpdate::new().without_title().with_archived(true);
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversationUpdate {
    /// `Some(Some(title))` sets it, `Some(None)` removes it.
    pub title: Option<Option<Title>>,
    /// `Some(true)` moves it to the archive listing, `Some(false)` back.
    pub archived: Option<bool>,
    /// Replaces the metadata as a whole.
    pub metadata: Option<Metadata>,
    /// The only version that it applies to; `None` is any.
    pub expected_version: Option<Version>,
}

impl ConversationUpdate {
    /// Changes nothing but `updated_at`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::Error::InvalidInput) when it is empty, longer than 512 bytes or
    /// contains NUL.
    pub fn with_title(mut self, title: impl Into<Arc<str>>) -> Result<Self> {
        self.title = Some(Some(Title::new(title)?));
        Ok(self)
    }

    /// Removes the title.
    #[must_use]
    pub fn without_title(mut self) -> Self {
        self.title = Some(None);
        self
    }

    /// Moves the conversation into the archive or back. It takes messages there as well.
    #[must_use]
    pub const fn with_archived(mut self, archived: bool) -> Self {
        self.archived = Some(archived);
        self
    }

    /// Replaces the metadata; `Metadata::default()` removes it.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Applies only while the conversation is of `version` (optimistic concurrency).
    ///
    /// Sent again after [`OutcomeUnknown`](crate::Error::OutcomeUnknown), it may be refused because it
    /// had been applied: read the conversation then.
    #[must_use]
    pub const fn with_expected_version(mut self, version: Version) -> Self {
        self.expected_version = Some(version);
        self
    }

    /// For stores: makes these changes. Leaves `updated_at` to the store, and the expected version,
    /// which [`Conversation::check_version`] compares.
    pub fn apply(self, conversation: &mut Conversation) {
        let Self { title, archived, metadata, expected_version: _ } = self;
        conversation.title = match title {
            Some(title) => title.map(Arc::from),
            None => conversation.title.take(),
        };
        conversation.archived = archived.unwrap_or(conversation.archived);
        conversation.metadata = metadata.unwrap_or_else(|| conversation.metadata.clone());
    }
}
