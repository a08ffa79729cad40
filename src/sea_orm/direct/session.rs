//! One connection, and how the pool makes and tests them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use scrollback_migration::{Health, Postgres};
use sea_orm::sqlx::{self, Connection, PgConnection};
use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{sleep, timeout},
};

/// Between two attempts to reach a server that is starting: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// A server that does not take leave in this time is left without.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection to the server that no call is using.
pub(super) struct Session {
    /// None when it was taken out to be closed.
    connection: Option<PgConnection>,
    opened: Instant,
    used: Instant,
    /// Told when it is gone.
    gone: Arc<Notify>,
}

impl Session {
    fn new(connection: PgConnection, gone: Arc<Notify>) -> Self {
        let now = Instant::now();
        Self { connection: Some(connection), opened: now, used: now, gone }
    }

    pub(super) fn connection(&mut self) -> Option<&mut PgConnection> {
        self.connection.as_mut()
    }

    /// It has done its work and waits for other.
    pub(super) fn rest(&mut self) {
        self.used = Instant::now();
    }

    pub(super) fn idle_for(&self) -> Duration {
        self.used.elapsed()
    }

    /// Closes it without a word: what is still to come from the server is nobody's.
    pub(super) fn abandon(mut self) {
        drop(self.connection.take());
    }

    /// Takes leave of the server, if it listens.
    pub(super) async fn close(mut self) {
        if let Some(connection) = self.connection.take() {
            drop(timeout(FAREWELL, connection.close()).await);
        }
    }
}

/// The pool drops what is too old, or was too long without work.
impl Drop for Session {
    fn drop(&mut self) {
        if let (Some(connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) {
            runtime.spawn(timeout(FAREWELL, connection.close()));
        }
        self.gone.notify_waiters();
    }
}

/// Opens connections, and tests those that waited.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) server: Postgres,
    pub(super) health: Health,
    /// Told each time when a connection has left the pool for good.
    pub(super) gone: Arc<Notify>,
}

impl Sessions {
    pub(super) fn new(server: Postgres) -> Self {
        Self { server, health: Health::default(), gone: Arc::default() }
    }

    async fn is_fit(&self, session: &mut Session) -> Result<bool, sqlx::Error> {
        let (age, idle_for) = (session.opened.elapsed(), session.idle_for());
        match session.connection() {
            Some(_) if age >= self.server.max_lifetime() => Ok(false),
            Some(_) if self.health.is_sure(age, idle_for) => Ok(true),
            Some(connection) => Box::pin(self.health.is_fit(connection, age, idle_for)).await,
            None => Ok(false),
        }
    }
}

impl Manager for Sessions {
    type Type = Session;
    type Error = sqlx::Error;

    /// Whoever waits for a connection has a limit; until then a server that starts is waited for.
    async fn create(&self) -> Result<Session, sqlx::Error> {
        let (mut pause, longest) = PAUSES;
        loop {
            // Apart: what connecting takes is tens of kilobytes, which every call would carry along.
            match Box::pin(PgConnection::connect_with(self.server.options())).await {
                Ok(connection) => return Ok(Session::new(connection, Arc::clone(&self.gone))),
                Err(error) if is_starting(&error) => sleep(pause).await,
                Err(error) => return Err(error),
            }
            pause = longest.min(pause * 2);
        }
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<sqlx::Error> {
        match self.is_fit(session).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(RecycleError::message("a connection to leave behind")),
            Err(error) => {
                // It cannot be told anything any more.
                drop(session.connection.take());
                Err(RecycleError::Backend(error))
            }
        }
    }
}

/// Nobody listens yet, or somebody who asks for patience.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        // too_many_connections, cannot_connect_now.
        sqlx::Error::Database(refusal) => {
            matches!(refusal.code().as_deref(), Some("53300" | "57P03"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::sea_orm::coded::refused_with;

    #[test]
    fn a_server_that_starts_is_waited_for_and_one_that_refuses_is_not() {
        let refused = |kind: io::ErrorKind| sqlx::Error::Io(kind.into());

        assert!(is_starting(&refused(io::ErrorKind::ConnectionRefused)));
        assert!(is_starting(&refused_with("53300")));
        assert!(is_starting(&refused_with("57P03")));
        assert!(!is_starting(&refused(io::ErrorKind::NotFound)));
        assert!(!is_starting(&refused_with("28P01")));
        assert!(!is_starting(&sqlx::Error::PoolTimedOut));
    }
}
