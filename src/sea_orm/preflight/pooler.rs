//! Finds a transaction pooler between us and the server, and whether it can be trusted.
//!
//! The driver sends the text of a prepared statement and its parameters in two steps, either of
//! which ends a transaction to a pooler. One that does not know prepared statements may send the
//! second step to another server connection, where another client's statement has the same name:
//! that one runs, with our parameters. It has to be provoked to be seen, so we are two clients here.

use std::{collections::HashSet, time::Duration};

use sea_orm::sqlx::{self, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::Pooler;

/// On a busy pooler the two clients may miss each other once.
const ROUNDS: i32 = 3;

/// A pooler with one server connection has none for the asker while the holder keeps it.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn find(options: &PgConnectOptions) -> Result<Pooler, sqlx::Error> {
    // Statements without a name, which a host may prefer, are mixed up too, but not to order.
    let options = options.clone().statement_cache_capacity(10);
    let mut asker = PgConnection::connect_with(&options).await?;
    let mut holder = PgConnection::connect_with(&options).await?;
    let mut seen = Seen::default();
    for round in 0..ROUNDS {
        if !seen.round(&mut asker, &mut holder, round).await? {
            break;
        }
    }
    for connection in [asker, holder] {
        // One that was mixed up may wait for an answer that never comes.
        drop(timeout(PATIENCE, connection.close()).await);
    }
    Ok(seen.verdict())
}

#[derive(Default)]
struct Seen {
    askers: HashSet<i32>,
    holders: HashSet<i32>,
    mixed_up: bool,
}

impl Seen {
    /// Whether another round may tell more.
    ///
    /// The asker prepares a statement and lets go of its server connection. The holder takes it into
    /// a transaction and prepares a statement, of the same name by the driver's count; the asker runs
    /// its own again, now on another connection.
    async fn round(
        &mut self,
        asker: &mut PgConnection,
        holder: &mut PgConnection,
        round: i32,
    ) -> Result<bool, sqlx::Error> {
        if !echoes(asker, round).await? {
            return Ok(self.caught());
        }
        self.askers.insert(backend(asker).await?);
        // Statement pooling knows no transactions, and keeps nothing apart.
        if let Err(sqlx::Error::Database(_)) = sqlx::raw_sql("BEGIN").execute(&mut *holder).await {
            return Ok(self.caught());
        }
        self.holders.insert(backend(holder).await?);
        if !echoes(holder, round).await? {
            return Ok(self.caught());
        }
        let answered = timeout(PATIENCE, echoes(asker, -round)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut *holder).await?;
        match answered {
            Ok(right) => Ok(right? || self.caught()),
            Err(_) => Ok(false),
        }
    }

    const fn caught(&mut self) -> bool {
        self.mixed_up = true;
        false
    }

    /// To a server, and behind session pooling, each client is one process all along.
    fn verdict(&self) -> Pooler {
        let shared = self.askers.len() > 1 || !self.askers.is_disjoint(&self.holders);
        match (self.mixed_up, shared) {
            (true, _) => Pooler::TransactionUnsafe,
            (false, true) => Pooler::TransactionSafe,
            (false, false) => Pooler::NoneOrSession,
        }
    }
}

async fn backend(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid() AS pid").fetch_one(connection).await?.try_get("pid")
}

/// Whether a prepared statement answers what it was asked.
async fn echoes(connection: &mut PgConnection, number: i32) -> Result<bool, sqlx::Error> {
    let echo = sqlx::query_scalar::<_, i32>("SELECT $1::int4").bind(number);
    match echo.fetch_one(connection).await {
        Ok(answer) => Ok(answer == number),
        Err(error @ (sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed)) => Err(error),
        // "No such statement", "exists already", another number of parameters, another type.
        Err(_) => Ok(false),
    }
}
