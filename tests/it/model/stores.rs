//! One store of each kind, open for a whole run.

use std::sync::Arc;

use scrollback::{
    ConversationStore, GroupingStore, MemoryStore, Result, SeaOrmStore, Tables, Users,
};

use crate::support::{Schema, cluster};

/// What they leave behind goes with this value.
pub(crate) struct Stores {
    list: [(&'static str, Arc<dyn ConversationStore>); 5],
    _schema: Schema,
    _folder: tempfile::TempDir,
}

impl Stores {
    pub(crate) async fn open() -> Result<Self> {
        let (schema, folder) = (
            Schema::create().await,
            tempfile::tempdir().expect("the folder for temporary files can be written"),
        );
        let file = format!("sqlite://{}", folder.path().join("model.db").display());
        let list = [
            memory(),
            ("sqlite in memory", migrated("sqlite::memory:", Tables::default()).await?),
            ("sqlite", migrated(&file, Tables::default()).await?),
            ("postgres", migrated(&cluster().url(), in_schema(&schema)).await?),
            ("postgres, grouped", grouping(in_schema(&schema)).await?),
        ];
        Ok(Self { list, _schema: schema, _folder: folder })
    }

    /// The specification first.
    pub(crate) const fn list(&self) -> &[(&'static str, Arc<dyn ConversationStore>)] {
        &self.list
    }
}

pub(crate) fn memory() -> (&'static str, Arc<dyn ConversationStore>) {
    ("memory", Arc::new(MemoryStore::new()))
}

async fn migrated(url: &str, tables: Tables) -> Result<Arc<dyn ConversationStore>> {
    let store = SeaOrmStore::connect(url).await?.with_tables(tables);
    store.migrate(&Users::Unchecked).await?;
    Ok(Arc::new(store))
}

/// Other tables in the same schema.
async fn grouping(tables: Tables) -> Result<Arc<dyn ConversationStore>> {
    let tables = tables.with_prefix("grouped_").expect("the prefix is short");
    let store = SeaOrmStore::connect(&cluster().url()).await?.with_tables(tables);
    store.migrate(&Users::Unchecked).await?;
    Ok(Arc::new(GroupingStore::new(store)))
}

fn in_schema(schema: &Schema) -> Tables {
    Tables::default().with_schema(schema.name()).expect("the names of schemas are short")
}
