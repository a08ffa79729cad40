//! The stores that get the same inputs.

use std::sync::Arc;

use scrollback::{ConversationStore, MemoryStore, SeaOrmStore, Tables, Users};
use tempfile::TempDir;

use crate::support::{Schema, cluster};

/// One store of each kind; what they leave behind goes with this value.
pub(super) struct Stores {
    pub(super) list: Vec<(&'static str, Arc<dyn ConversationStore>)>,
    _schema: Schema,
    _folder: TempDir,
}

impl Stores {
    pub(super) async fn open() -> Self {
        let (schema, folder) = (Schema::create().await, tempfile::tempdir().unwrap());
        let file = format!("sqlite://{}", folder.path().join("inputs.db").display());
        let tables = Tables::default().with_schema(schema.name()).unwrap();
        let list = vec![
            memory(),
            ("sqlite", migrated(&file, Tables::default()).await),
            ("postgres", migrated(&cluster().url(), tables).await),
        ];
        Self { list, _schema: schema, _folder: folder }
    }
}

pub(super) fn memory() -> (&'static str, Arc<dyn ConversationStore>) {
    ("memory", Arc::new(MemoryStore::new()))
}

/// Without a users table, so that every number is an owner in all stores.
async fn migrated(url: &str, tables: Tables) -> Arc<dyn ConversationStore> {
    let store = SeaOrmStore::connect(url).await.unwrap().with_tables(tables);
    store.migrate(&Users::Unchecked).await.unwrap();
    Arc::new(store)
}
