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

pub(super) async fn find(options: &PgConnectOptions) -> Result<Pooler, sqlx::Error> {
    let mut asker = PgConnection::connect_with(options).await?;
    let mut holder = PgConnection::connect_with(options).await?;
    let mut seen = Seen::default();
    for round in 0..ROUNDS {
        seen.round(&mut asker, &mut holder, round).await?;
    }
    for connection in [asker, holder] {
        // An unsafe pooler may have left it waiting for an answer that never comes.
        drop(timeout(Duration::from_secs(1), connection.close()).await);
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
    /// The asker prepares a statement and lets go of its server connection; the holder takes it into
    /// a transaction; the asker runs its statement again, which now needs another connection.
    async fn round(
        &mut self,
        asker: &mut PgConnection,
        holder: &mut PgConnection,
        round: i32,
    ) -> Result<(), sqlx::Error> {
        self.mixed_up |= !echoes(asker, round).await?;
        self.askers.insert(backend(asker).await?);
        sqlx::raw_sql("BEGIN").execute(&mut *holder).await?;
        self.holders.insert(backend(holder).await?);
        self.mixed_up |= !echoes(asker, -round).await?;
        sqlx::raw_sql("ROLLBACK").execute(&mut *holder).await?;
        Ok(())
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
