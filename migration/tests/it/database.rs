//! An empty database of a test's own, which goes when the test ends.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
};
use tokio::runtime;

use crate::cluster::cluster;

pub(crate) struct TestDatabase {
    pub(crate) backend: DbBackend,
    pub(crate) url: String,
    name: String,
}

impl TestDatabase {
    /// One of each kind.
    pub(crate) async fn both() -> [Self; 2] {
        [Self::postgres().await, Self::sqlite()]
    }

    pub(crate) async fn postgres() -> Self {
        let name = fresh_name();
        let create = format!("CREATE DATABASE {name}");
        run(cluster().url(), &create).await.expect("the user may create databases");
        Self { backend: DbBackend::Postgres, url: cluster().url_for(&name), name }
    }

    pub(crate) fn sqlite() -> Self {
        let name = fresh_name();
        fs::create_dir(folder(&name)).expect("there is a folder for temporary files");
        let url = format!("sqlite://{}/chat.db?mode=rwc", folder(&name).display());
        Self { backend: DbBackend::Sqlite, url, name }
    }

    /// Its name on the server.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A pool of one connection, so that a spoilt one cannot hide.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        connect(self.url.clone()).await.expect("the test database accepts connections")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.backend == DbBackend::Sqlite {
            let _ = fs::remove_dir_all(folder(&self.name));
            return;
        }
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime may be on its way out.
        let dropped = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a thread can have a runtime").block_on(run(cluster().url(), &drop))
        });
        let _ = dropped.join();
    }
}

/// The first column of all rows, as texts.
pub(crate) async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.expect("the query is good");
    rows.iter().map(|row| row.try_get_by_index(0).expect("the column is a text")).collect()
}

async fn connect(url: String) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn run(url: String, sql: &str) -> Result<(), DbErr> {
    let db = connect(url).await?;
    db.execute_unprepared(sql).await?;
    db.close().await
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("scrollback_migration_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn folder(name: &str) -> PathBuf {
    env::temp_dir().join(name)
}
