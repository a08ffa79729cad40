//! The whole kit behind the fence, and what becomes of it in a store that was not told.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, future, stream};
use scrollback::{
    ConversationStore, UserId,
    conformance::{Fixture, rules},
};
use scrollback_proof::{I1, Trial, control};

use super::Fenced;

/// The rules that fail, a few at a time: all at once would wait for each other's connections.
async fn broken_rules(database: Arc<dyn Fixture>) -> Vec<&'static str> {
    let checks = stream::iter(rules()).map(|rule| {
        let database = Arc::clone(&database);
        let check = tokio::spawn(async move { rule.check(&*database).await });
        async move { check.await.err().map(|_| rule.name()) }
    });
    checks.buffered(4).filter_map(future::ready).collect().await
}

/// The same tables by a store that names nobody.
struct Unaware(Fenced);

#[async_trait]
impl Fixture for Unaware {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(self.0.unaware_store_at(&self.0.url(), 1).await)
    }

    async fn owner(&self) -> UserId {
        self.0.owner().await
    }
}

#[tokio::test]
async fn the_whole_kit_passes_behind_the_fence() {
    let broken = broken_rules(Arc::new(Fenced::new().await)).await;

    Trial::of(I1, "rules of the conformance kit, under row level security")
        .times(rules().len())
        .wrong("broken", broken.len())
        .record();
    assert_eq!(broken, [""; 0]);
}

#[tokio::test]
async fn a_store_that_was_not_told_fails_the_kit_and_reads_nothing() {
    let broken = broken_rules(Arc::new(Unaware(Fenced::new().await))).await;

    let caught = broken.contains(&"a_deleted_conversation_is_gone");
    control(I1, "a store that does not name the owner to the server", usize::from(caught), 1);
    assert!(caught, "{broken:?}");
}
