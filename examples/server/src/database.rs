//! The database: opened, brought up to date, and asked whether it answers.

use std::time::Duration;

use scrollback::{ConversationQuery, ConversationStore, Limit, Result, SeaOrmStore, UserId, Users};

/// Opens the database of `url`, PostgreSQL or SQLite, with the tables it needs.
///
/// With `Users::Managed` scrollback keeps the table of users too. A host that has one anchors owners in
/// it with `Users::existing`, and passes its own ids to `UserId::new`.
pub(crate) async fn open(url: &str) -> Result<SeaOrmStore> {
    let store = SeaOrmStore::connect(url).await?;
    store.migrate(&Users::Managed).await?;
    let report = store.preflight().await?;
    report.check()?;
    for warning in report.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(store)
}

/// How long the database may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the database answers: it is asked what every page asks first, for a user whom nobody is.
pub(crate) async fn answers(store: &SeaOrmStore) -> Result<()> {
    const NOBODY: UserId = UserId::new(0);
    let hasty = store.clone().with_deadline(PATIENCE);
    hasty.list(NOBODY, ConversationQuery::new(Limit::new(1)?)).await.map(drop)
}
