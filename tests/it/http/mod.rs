//! The endpoints, driven in the process: what is sent goes through the whole router, nested as a host
//! nests it, and every answer is held against the OpenAPI document.

mod app;
mod ask;
mod attacks;
mod bodies;
mod bots;
mod caller;
mod chat;
mod client;
mod conversations;
mod description;
mod embed;
mod export;
mod failures;
mod headers;
mod idempotency;
mod load;
mod mass_assignment;
mod matrix;
mod messages;
mod rows;
mod scene;
mod served;
mod stream;
mod versions;

use std::sync::Arc;

use scrollback::{
    MemoryStore,
    conformance::{Clones, Fixture},
};

use crate::database::OnSqlite;

/// The stores that every question about the endpoints is put to.
async fn fixtures() -> [(&'static str, Arc<dyn Fixture>); 2] {
    [
        ("memory", Arc::new(Clones::new(MemoryStore::new()))),
        ("sqlite", Arc::new(OnSqlite::new().await)),
    ]
}
