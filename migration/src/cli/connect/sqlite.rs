use sea_orm_migration::sea_orm::{
    DatabaseConnection, SqlxSqliteConnector,
    sqlx::{
        ConnectOptions,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};

use crate::cli::{Failure, usage};

pub(super) async fn connect(url: &str, create: bool) -> Result<DatabaseConnection, Failure> {
    let options: SqliteConnectOptions =
        url.parse().map_err(|_| usage("the database URL is not understood: sqlite://FILE"))?;
    // A mode in the URL is the caller's own decision.
    let create = create && !url.contains("mode=");
    let options = if create { options.create_if_missing(true) } else { options };
    let file = options.get_filename().display().to_string();

    // One connection: more of them would not see the same database in memory.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.disable_statement_logging())
        .await
        .map_err(|_| Failure::Failed(format!("{file} cannot be opened as a SQLite database")))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}
