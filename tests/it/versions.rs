//! What the tests run against, in its own words.

use scrollback::{SeaOrmStore, preflight::Preflight};
use scrollback_proof::version;

use crate::{pgbouncer::PgBouncer, support::cluster};

async fn ask(url: &str) -> Preflight {
    SeaOrmStore::connect(url).await.unwrap().preflight().await.unwrap()
}

#[tokio::test]
async fn the_databases_and_the_pooler_are_named() {
    let (postgres, sqlite) = (ask(&cluster().url()).await, ask("sqlite::memory:").await);
    let (major, minor) = PgBouncer::version();

    version("PostgreSQL", &postgres.version_text);
    version("SQLite", &sqlite.version_text);
    version("PgBouncer", format!("{major}.{minor}"));
    assert!(postgres.version_text.starts_with(|first: char| first.is_ascii_digit()));
    assert!(sqlite.version_text.starts_with("3."));
}
