//! The stores that calls are counted on.

use std::{env, sync::Arc};

use scrollback::{Connect, ConversationStore, MemoryStore, Pool, SeaOrmStore, Users};
use tempfile::TempDir;

use crate::Result;

/// Names the server of `instructions server`.
const URL: &str = "SCROLLBACK_INSTRUCTIONS_URL";

/// A store, and the folder of its file.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn ConversationStore>,
    _folder: Option<TempDir>,
}

pub(crate) async fn open(name: &str) -> Result<Opened> {
    let folder = tempfile::tempdir()?;
    let store: Arc<dyn ConversationStore> = match name {
        "memory" => Arc::new(MemoryStore::new()),
        "sqlite" => {
            let file = folder.path().join("chat.db");
            Arc::new(sql(&format!("sqlite://{}", file.display())).await?)
        }
        "postgres" => {
            Arc::new(sql(&env::var(URL).map_err(|_| format!("{URL} is not set"))?).await?)
        }
        _ => return Err(format!("there is no store {name}").into()),
    };
    Ok(Opened { store, _folder: Some(folder) })
}

async fn sql(url: &str) -> Result<SeaOrmStore> {
    let connect = Connect::new(url)?.with_max_connections(1);
    let store = SeaOrmStore::new(Pool::open(connect).await?);
    store.migrate(&Users::Unchecked).await?;
    Ok(store)
}
