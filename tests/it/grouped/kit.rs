//! The conformance kit on stores that group.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{ConversationStore, GroupingStore, UserId, conformance::Fixture};

use crate::{
    database::OnPostgres,
    support::{cluster, connections},
};

pub(crate) struct OnGrouping(OnPostgres);

impl OnGrouping {
    pub(crate) async fn new() -> Self {
        Self(OnPostgres::new().await)
    }
}

#[async_trait]
impl Fixture for OnGrouping {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        let store = self.0.store_at(&cluster().url(), connections(4)).await;
        // With one statement at a time, the calls of a rule meet in one as often as they can.
        Arc::new(GroupingStore::new(store).with_max_statements(1))
    }

    async fn owner(&self) -> UserId {
        self.0.owner().await
    }
}
