//! A contender of any kind, by its name.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    contender::{Contender, Page, Result, Shown, ShownChat},
    data::{Body, Chat},
    op::Op,
    slice::{Slice, Task, measure},
};

/// One who is asked for, or the reason why there is none.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) contender: Result<Box<dyn Measured>, String>,
}

impl Entry {
    pub(crate) fn new<C: Contender>(name: &'static str, opened: Result<C>) -> Self {
        let contender = opened.map_err(|error| error.to_string());
        Self { name, contender: contender.map(|contender| boxed(contender)) }
    }

    /// Why an operation is not measured.
    pub(crate) fn lacks(&self, op: Op) -> Option<&str> {
        match &self.contender {
            Ok(contender) => contender.lacks(op),
            Err(reason) => Some(reason),
        }
    }
}

fn boxed<C: Contender>(contender: C) -> Box<dyn Measured> {
    Box::new(Shared(Arc::new(contender)))
}

/// What is asked of all of them alike. A slice is measured behind this, not through it: the calls
/// in it are the contender's own.
#[async_trait]
pub(crate) trait Measured: Send + Sync {
    async fn measure(&self, task: &Task) -> Result<Slice>;
    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Shown>>;
    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<usize>;
    async fn list(&self, owner: i64) -> Result<Vec<ShownChat>>;
    async fn walk(&self, chat: &Chat) -> Result<Vec<Shown>>;
    fn lacks(&self, op: Op) -> Option<&'static str>;
}

struct Shared<C>(Arc<C>);

#[async_trait]
impl<C: Contender> Measured for Shared<C> {
    async fn measure(&self, task: &Task) -> Result<Slice> {
        measure(&self.0, task).await
    }

    async fn page(&self, chat: &Chat, page: Page) -> Result<Vec<Shown>> {
        Ok(self.0.page(chat, page).await?.into_iter().map(Into::into).collect())
    }

    async fn append(&self, chat: &Chat, turn: &[Body<'_>]) -> Result<usize> {
        Ok(self.0.append(chat, turn).await?.len())
    }

    async fn list(&self, owner: i64) -> Result<Vec<ShownChat>> {
        Ok(self.0.list(owner).await?.into_iter().map(Into::into).collect())
    }

    async fn walk(&self, chat: &Chat) -> Result<Vec<Shown>> {
        Ok(self.0.walk(chat).await?.into_iter().map(Into::into).collect())
    }

    fn lacks(&self, op: Op) -> Option<&'static str> {
        self.0.lacks(op)
    }
}
