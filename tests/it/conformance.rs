//! The conformance kit on the stores of this crate.

use std::sync::Arc;

use futures_util::{StreamExt, future, stream};
use scrollback::conformance::{Fixture, rules};

/// The rules that fail, a few at a time: all at once would wait for each other's connections.
pub(crate) async fn broken_rules(database: Arc<dyn Fixture>) -> Vec<&'static str> {
    let checks = stream::iter(rules()).map(|rule| {
        let database = Arc::clone(&database);
        let check = tokio::spawn(async move { rule.check(&*database).await });
        async move { check.await.err().map(|_| rule.name()) }
    });
    checks.buffered(4).filter_map(future::ready).collect().await
}

mod memory {
    scrollback::conformance_tests!(scrollback::conformance::Clones::new(
        scrollback::MemoryStore::new()
    ));
}

mod sqlite {
    scrollback::conformance_tests!(crate::database::OnSqlite::new().await);
}

mod grouping {
    scrollback::conformance_tests!(crate::grouped::OnGrouping::new().await);
}

// Behind poolers: `poolers::kit`.
mod postgres {
    scrollback::conformance_tests!(crate::database::OnPostgres::new().await);
}
