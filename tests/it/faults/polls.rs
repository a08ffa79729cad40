//! Calls that are polled so many times, and dropped.

use std::{pin::pin, task::Poll};

use scrollback::{ConversationStore, NewConversation, SeaOrmStore, StorePool, Tables, Users};
use scrollback_proof::{F11, Trial};

use crate::support::{Schema, cluster};

/// Longer than any call here; a count beyond it means that the sweep does not end.
pub(crate) const MOST_POLLS: usize = 200;

/// How many polls a call takes.
pub(super) async fn polls<T>(call: impl Future<Output = T>) -> usize {
    let mut call = pin!(call);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        polls += 1;
        call.as_mut().poll(context).map(drop)
    })
    .await;
    polls
}

/// Polls a call so many times and drops it; its answer if it had one by then.
pub(crate) async fn give_up<T>(call: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut call = pin!(call);
    let mut left = polls;
    std::future::poll_fn(|context| {
        left -= 1;
        match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Migrates to the end, and uses the tables.
async fn serves(store: &SeaOrmStore<impl StorePool>) -> scrollback::Result<()> {
    store.migrate(&Users::Managed).await?;
    let ann = store.ensure_user("ann").await?;
    store.create(ann, NewConversation::new()).await.map(drop)
}

#[tokio::test]
async fn a_dropped_migration_leaves_all_tables_or_none() {
    let (schema, mut broken) = (Schema::create().await, 0);
    for polls in 1..MOST_POLLS {
        let tables = Tables::default().with_schema(schema.name()).unwrap();
        let tables = tables.with_prefix(&format!("p{polls}_")).unwrap();
        let mut options = schema.options(cluster().url());
        options.max_connections(1);
        let pool = sea_orm::Database::connect(options).await.unwrap();
        let store = SeaOrmStore::new(pool.clone()).with_tables(tables);

        let ended = give_up(store.migrate(&Users::Managed), polls).await;

        broken += usize::from(serves(&store).await.is_err());
        pool.close().await.unwrap();
        if ended.is_some() {
            Trial::of(F11, "migrations dropped after every number of polls")
                .times(polls - 1)
                .wrong("schemas that no migration completes any more", broken)
                .record();
            return assert_eq!(broken, 0);
        }
    }
    panic!("the migration takes more than {MOST_POLLS} polls");
}
