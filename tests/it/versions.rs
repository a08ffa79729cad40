//! What the tests run against, in its own words.

use scrollback::{SeaOrmStore, preflight::Preflight};
use scrollback_proof::version;

use crate::support::{PgBouncer, cluster};

async fn ask(url: &str) -> Preflight {
    SeaOrmStore::connect(url).await.unwrap().preflight().await.unwrap()
}

#[tokio::test]
async fn the_databases_and_the_pooler_are_named() {
    let (postgres, sqlite) = (ask(&cluster().url()).await, ask("sqlite::memory:").await);
    let poolers = [PgBouncer::start_keeping_apart().ok(), Some(PgBouncer::start("session"))];

    version("PostgreSQL", &postgres.version_text);
    version("SQLite", &sqlite.version_text);
    for pooler in poolers.iter().flatten() {
        version("PgBouncer", pooler.version());
    }
    assert!(postgres.version_text.starts_with(|first: char| first.is_ascii_digit()));
    assert!(sqlite.version_text.starts_with("3."));
}
