//! Our store on PostgreSQL, with appends that share statements.

use scrollback::{Conversation, GroupingStore, Message};

use super::ours::{Ours, fastest};
use crate::{
    contender::{Contender, Page, Result},
    data::{Body, Chat},
    op::Op,
};

/// Over the fastest connection that this crate opens.
pub(crate) struct Grouped(Ours<GroupingStore>);

impl Grouped {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        Ok(Self(Ours(GroupingStore::new(fastest(url).await?.0))))
    }
}

impl Contender for Grouped {
    type Message = Message;
    type Stored = Message;
    type Chat = Conversation;

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Message>> {
        self.0.page(chat, page).await
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<Vec<Message>> {
        self.0.append(chat, turn).await
    }

    async fn list(&self, owner: i64) -> Result<Vec<Conversation>> {
        self.0.list(owner).await
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Message>> {
        self.0.walk(chat).await
    }

    fn lacks(&self, op: Op) -> Option<&'static str> {
        (!op.writes()).then_some("reads as `connect` does")
    }
}
