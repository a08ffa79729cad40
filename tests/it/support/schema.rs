//! A database schema of a test's own, which goes when the test ends.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tokio::runtime;

use super::{cluster, connections};

/// Drops the schema, and whatever the test put there, when it is dropped.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    /// An empty schema called `test_<pid>_<n>`.
    pub(crate) async fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // A killed run may have left one of this name on a server that outlives the tests.
        run(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))
            .await
            .expect("the test server lets its user create a schema");
        Self { name }
    }

    /// Its name, which needs no quoting.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A pool in which unqualified names mean this schema.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let options = self.options(cluster().url());
        Database::connect(options).await.expect("the test server accepts connections")
    }

    /// The options of such a pool over a way of the caller's choice to the same server.
    pub(crate) fn options(&self, url: String) -> ConnectOptions {
        let mut options = ConnectOptions::new(url);
        options.set_schema_search_path(&*self.name).sqlx_logging(false);
        options.max_connections(connections(10));
        options
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // The test's own runtime and pool cannot be waited for here: both may be on their way out.
        let sql = format!("SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS {} CASCADE", self.name);
        let dropped = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a thread can have a runtime").block_on(run(&sql))
        })
        .join();
        // A second panic would abort the run and hide the first.
        if !thread::panicking() {
            let dropped = dropped.expect("dropping a schema does not panic");
            dropped.expect("no transaction is left open in the schema");
        }
    }
}

/// Runs it as the superuser, over a connection of its own.
pub(super) async fn run(sql: &str) -> Result<(), DbErr> {
    let mut options = ConnectOptions::new(cluster().url());
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await?;
    connection.execute_unprepared(sql).await?;
    connection.close().await
}
