//! From a URL to a connection. sqlx is asked directly: `Database::connect` of SeaORM has a trace
//! span that shows the URL with its password.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend};

use super::{Failure, usage};

/// Connects; `create` makes a file for SQLite when there is none.
#[cfg_attr(not(feature = "sqlite"), expect(unused_variables, reason = "no other file to create"))]
pub(super) async fn connect(url: &str, create: bool) -> Result<DatabaseConnection, Failure> {
    match backend(url) {
        #[cfg(feature = "postgres")]
        Some(DbBackend::Postgres) => postgres::connect(url).await,
        #[cfg(feature = "sqlite")]
        Some(DbBackend::Sqlite) => sqlite::connect(url, create).await,
        Some(_) => Err(usage("this program was built without the feature for this database")),
        None => Err(usage("the database URL begins with postgres:// or sqlite:")),
    }
}

/// The database that a URL is for.
pub(super) fn backend(url: &str) -> Option<DbBackend> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Some(DbBackend::Postgres);
    }
    url.starts_with("sqlite:").then_some(DbBackend::Sqlite)
}
