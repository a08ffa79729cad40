//! What is compared: a way to keep conversations.

use std::error::Error;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::{
    data::{Body, Chat},
    op::Op,
};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type Result<T, E = BoxError> = std::result::Result<T, E>;

/// Who is compared with whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    Postgres,
    Sqlite,
    Memory,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Sqlite, Self::Postgres];

    /// What the others are compared with.
    pub(crate) const fn baseline(self) -> &'static str {
        match self {
            Self::Postgres => "tokio-postgres",
            Self::Sqlite => "rusqlite",
            Self::Memory => "rwlock-hashmap",
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
            Self::Memory => "memory",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite, a file",
            Self::Memory => "Memory",
        }
    }
}

/// A page of at most `limit` messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) limit: u32,
    /// Where it ends: before this position, else at the end of the conversation.
    pub(crate) before: Option<u32>,
}

/// How many messages `walk` asks for at once, everywhere.
pub(crate) const WALK_PAGE: u32 = 1_000;

/// How many conversations `list` asks for.
pub(crate) const LISTED: u32 = 20;

/// A way to keep conversations. Each answers in its own types, fully decoded and owned; a
/// conversation that is not the owner's is an error.
pub(crate) trait Contender: Send + Sync + 'static {
    type Message: Send + Into<Shown>;
    /// What is known of a message that was just stored.
    type Stored: Send;
    type Chat: Send + Into<ShownChat>;

    fn page(
        &self,
        chat: &Chat,
        page: Page,
    ) -> impl Future<Output = Result<Vec<Self::Message>>> + Send;

    /// Appends one message or two.
    fn append(
        &self,
        chat: &Chat,
        turn: &[Body<'_>],
    ) -> impl Future<Output = Result<Vec<Self::Stored>>> + Send;

    /// The conversations of an owner, newest activity first.
    fn list(&self, owner: i64) -> impl Future<Output = Result<Vec<Self::Chat>>> + Send;

    /// All messages of a conversation, in pages of [`WALK_PAGE`].
    fn walk(&self, chat: &Chat) -> impl Future<Output = Result<Vec<Self::Message>>> + Send;

    /// Why it has no such operation.
    fn lacks(&self, _op: Op) -> Option<&'static str> {
        None
    }
}

/// A message for comparing answers: what a contender does not keep is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) id: Option<i64>,
    pub(crate) position: Option<u32>,
    pub(crate) role: String,
    pub(crate) content: String,
    pub(crate) metadata: Option<Value>,
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// A conversation for comparing answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownChat {
    pub(crate) id: i64,
    pub(crate) messages: u32,
}

/// The answer to who asks for what is not there, or not theirs.
pub(crate) fn not_found() -> BoxError {
    "no such conversation of this owner".into()
}
