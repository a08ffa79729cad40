//! The stores that are compared.

use std::sync::Arc;

use scrollback::ConversationStore;
use tokio::runtime::Runtime;

use super::memory;

#[derive(Debug)]
pub(super) struct Stores {}

impl Stores {
    pub(super) fn open(_runtime: &Runtime) -> Self {
        Self {}
    }

    /// The specification first.
    pub(super) fn list(&self) -> [(&'static str, Arc<dyn ConversationStore>); 2] {
        [memory(), memory()]
    }
}
