//! Answers without what may differ between stores: numbers become symbols, times become ranks.

use scrollback::{Erased, Error};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Conversation(ConversationView),
    Conversations(PageView<ConversationView>),
    Deleted,
    Appended {
        messages: Vec<MessageView>,
        replayed: bool,
    },
    Messages(PageView<MessageView>),
    Erased(Erased),
    Everything(Vec<OwnerView>),
    /// `Debug`, which holds variant, field and reason, and `Display`.
    Failed(String, String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageView<T> {
    pub(super) items: Vec<T>,
    pub(super) previous: bool,
    pub(super) next: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConversationView {
    pub(super) chat: usize,
    pub(super) owner: Option<usize>,
    pub(super) title: Option<String>,
    pub(super) session: Option<String>,
    pub(super) metadata: String,
    pub(super) message_count: u32,
    pub(super) archived: bool,
    /// How many values of `updated_at` were seen before this one.
    pub(super) revision: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct MessageView {
    pub(super) message: usize,
    pub(super) chat: usize,
    pub(super) position: u32,
    pub(super) role: &'static str,
    pub(super) content: String,
    pub(super) metadata: String,
    pub(super) key: Option<String>,
}

/// Everything that one owner has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OwnerView {
    /// The active and the archived listing.
    pub(super) listings: [Vec<ConversationView>; 2],
    /// The messages of those conversations, in the order of the listings.
    pub(super) histories: Vec<Vec<MessageView>>,
    /// The conversations that the known sessions lead to.
    pub(super) sessions: Vec<Option<usize>>,
}

impl Answer {
    /// Whether it is the answer for what is not the caller's: no such thing, or no such cursor.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Failed(kind, _)
            if kind == "NotFound" || kind.starts_with("InvalidInput { field: \"cursor\""))
    }

    pub(super) const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(..))
    }

    /// `ok`, or what kind of failure.
    pub(super) fn outcome(&self) -> &str {
        match self {
            Self::Failed(kind, _) => kind,
            Self::Appended { replayed: true, .. } => "replayed",
            _ => "ok",
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Self::Failed(format!("{error:?}"), error.to_string())
    }
}
