//! Connections to PostgreSQL without the pings of sqlx's own pool.
//!
//! That pool sends a `Sync` and waits for its answer after every use of a connection: a second round
//! trip for every call, and no setting turns it off (sqlx-core 0.9, `pool/connection.rs`). It does so
//! because it cannot know whether a call was dropped half-way. Here a [`Lease`] knows.

mod lease;
mod session;
mod statement;
mod transaction;

use std::{fmt, time::Duration};

use deadpool::managed::{self, PoolError, QueueMode, WeakPool};
use scrollback_migration::Postgres;
use sea_orm::{ConnAcquireErr, DatabaseConnection, DbErr};
use tokio::time::{interval, timeout};

use crate::sea_orm::driver::unsent;
use lease::Lease;
use session::Sessions;

pub(super) use transaction::Transaction;

/// How often connections without work are looked for, unless they are to be closed sooner.
const ROUND: Duration = Duration::from_secs(60);

/// Looking costs no more than this often, however little patience is asked for.
const SHORTEST_ROUND: Duration = Duration::from_millis(100);

/// Open connections to one server, for all clones of a store.
#[derive(Clone)]
#[expect(unnameable_types, reason = "of a trait that nobody else implements")]
pub struct Direct(managed::Pool<Sessions>);

impl Direct {
    /// A pool that opens connections as they are needed.
    pub(super) fn new(server: Postgres) -> Self {
        let (most, max_idle) = (server.max_connections() as usize, server.max_idle());
        let sessions = managed::Pool::builder(Sessions::new(server))
            .max_size(most)
            // The last one used is the first to be used again, so the others are seen to be too many.
            .queue_mode(QueueMode::Lifo)
            .build()
            .expect("without timeouts of its own it needs nothing more");
        tokio::spawn(close_idle(sessions.weak(), max_idle));
        Self(sessions)
    }

    /// A pool of SeaORM's to the same server, of one connection, for what needs such a pool.
    pub(super) fn plain(&self) -> DatabaseConnection {
        self.0.manager().server.pool(1)
    }

    /// How many connections are open, and how many of them nobody uses.
    pub(super) fn counts(&self) -> (u32, u32) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let status = self.0.status();
        (number(status.size), number(status.available))
    }

    /// Waits for a connection that may be used.
    async fn lease(&self) -> Result<Lease, DbErr> {
        let session = timeout(self.0.manager().server.acquire_timeout(), self.0.get()).await;
        match session.unwrap_or(Err(PoolError::Timeout(managed::TimeoutType::Wait))) {
            Ok(session) => Ok(Lease::new(session)),
            Err(PoolError::Backend(error)) => Err(unsent(error)),
            Err(PoolError::Closed) => {
                Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))
            }
            Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    /// Refuses calls from now on, lets those under way end, and closes the connections.
    pub(super) async fn close(&self) {
        let idle = self.0.retain(|_, _| false).removed;
        self.0.close();
        for session in idle {
            session.close().await;
        }
        loop {
            let gone = self.0.manager().gone.notified();
            if self.0.status().size == 0 {
                return;
            }
            gone.await;
        }
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Direct").field(&self.0.status()).finish()
    }
}

/// Ends when the pool does.
async fn close_idle(pool: WeakPool<Sessions>, max_idle: Duration) {
    let mut rounds = interval(max_idle.clamp(SHORTEST_ROUND, ROUND));
    loop {
        rounds.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let unused = pool.retain(|session, _| session.idle_for() < max_idle).removed;
        drop(pool);
        for session in unused {
            session.close().await;
        }
    }
}
