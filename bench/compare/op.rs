//! What is measured: an operation, and by how many callers at once.

use serde::Serialize;

use crate::{contender::Group, data::Chat};

/// Something that a chat server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    /// The newest 50 messages of some conversation.
    Newest,
    /// 50 messages somewhere in the longest conversation.
    Deep,
    /// One message to some conversation.
    Append,
    /// A message of the user and one of the assistant to some conversation.
    Turn,
    /// The same, everybody to one conversation.
    Hot,
    /// The first 20 of an owner's 1,000 conversations.
    List,
    /// All of a conversation of 10,000 messages.
    Walk,
}

impl Op {
    pub(crate) const ALL: [Self; 7] =
        [Self::Newest, Self::Deep, Self::Append, Self::Turn, Self::Hot, Self::List, Self::Walk];

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Deep => "deep",
            Self::Append => "append",
            Self::Turn => "turn",
            Self::Hot => "hot",
            Self::List => "list",
            Self::Walk => "walk",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Newest => "newest 50",
            Self::Deep => "50 in the midst of the longest",
            Self::Append => "append one",
            Self::Turn => "append a turn of two",
            Self::Hot => "turns to one conversation",
            Self::List => "list 20 of 1,000",
            Self::Walk => "walk through 10,000",
        }
    }

    pub(crate) const fn writes(self) -> bool {
        matches!(self, Self::Append | Self::Turn | Self::Hot)
    }
}

/// Who calls at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Callers {
    /// One task of the runtime.
    One,
    /// Sixteen tasks, over eight connections where there are connections.
    Many,
    /// Sixty-four tasks, over as many connections.
    Crowd,
    /// So many threads, for what is in memory: a task would mostly measure the runtime.
    Threads(usize),
}

impl Callers {
    pub(crate) fn title(self) -> String {
        match self {
            Self::One => "one caller".to_owned(),
            Self::Many => format!("{TASKS} tasks over {CONNECTIONS} connections"),
            Self::Crowd => format!("{CROWD} tasks over {CONNECTIONS} connections"),
            Self::Threads(1) => "one thread".to_owned(),
            Self::Threads(threads) => format!("{threads} threads"),
        }
    }
}

pub(crate) const TASKS: usize = 16;
pub(crate) const CROWD: usize = 64;
pub(crate) const CONNECTIONS: usize = 8;

/// One line of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub(crate) struct Cell {
    pub(crate) group: Group,
    pub(crate) op: Op,
    pub(crate) callers: Callers,
}

impl Cell {
    /// Everything that is measured in a group.
    pub(crate) fn all(group: Group) -> Vec<Self> {
        let callers = |op| -> &'static [Callers] {
            match (group, op) {
                (Group::Postgres, Op::Walk) | (Group::Sqlite, _) => &[Callers::One],
                (Group::Postgres, Op::Hot) => &[Callers::Many],
                (Group::Postgres, Op::Append) => &[Callers::One, Callers::Many, Callers::Crowd],
                (Group::Postgres, _) => &[Callers::One, Callers::Many],
                (Group::Memory, Op::Hot) => &[Callers::Threads(2)],
                (Group::Memory, _) => &[Callers::Threads(1), Callers::Threads(2)],
            }
        };
        let ops = Op::ALL.into_iter().filter(|op| (group, *op) != (Group::Sqlite, Op::Hot));
        ops.flat_map(|op| callers(op).iter().map(move |&callers| Self { group, op, callers }))
            .collect()
    }

    pub(crate) fn title(self) -> String {
        format!("{}, {}", self.op.title(), self.callers.title())
    }
}

/// On what the operations work.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Conversations of more than 50 messages, which nobody writes to.
    pub(crate) readers: Vec<Chat>,
    /// Conversations that are written to.
    pub(crate) writers: Vec<Chat>,
    pub(crate) long: Chat,
    pub(crate) walk: Chat,
    pub(crate) hot: Chat,
    /// Whose conversations are listed.
    pub(crate) lister: i64,
}
