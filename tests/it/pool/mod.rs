//! The pool of a store that was opened by its URL.

mod connections;
mod transactions;

use std::time::Duration;

use scrollback::{Connect, Pool};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::support::cluster;

/// Pools whose connections the server knows by `application`.
struct Named {
    application: String,
    connect: Connect,
}

impl Named {
    fn new(start: &str, connections: u32) -> Self {
        let application = crate::faults::unique(start);
        let url = crate::faults::with_parameter(&cluster().url(), "application_name", &application);
        Self { application, connect: Connect::new(&url).unwrap().with_max_connections(connections) }
    }

    async fn open(&self) -> Pool {
        Pool::open(self.connect.clone()).await.unwrap()
    }

    /// How many connections the server has, in a state that begins so.
    async fn sessions(&self, watcher: &Pool, state: &str) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE application_name = '{}' AND state LIKE '{state}%'",
            self.application
        );
        number(watcher, &sql).await.unwrap()
    }

    /// Waits until the server has so many of them.
    async fn until_sessions(&self, watcher: &Pool, state: &str, count: i64) {
        while self.sessions(watcher, state).await != count {}
    }
}

/// A pool that is not looked at.
async fn watcher() -> Pool {
    let connect = Connect::new(&cluster().url()).unwrap();
    Pool::open(connect.with_acquire_timeout(Duration::from_secs(60))).await.unwrap()
}

/// The number that a query gives.
async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await?.expect("there is a row").try_get_by_index(0)
}
