//! Finds a transaction pooler between us and the server, and whether it can be trusted.
//!
//! The driver sends the text of a prepared statement and its parameters in two steps, either of
//! which ends a transaction to a pooler. One that does not know prepared statements may send the
//! second step to another server connection, where another client's statement has the same name:
//! that one runs, with our parameters. It has to be provoked to be seen, so we are two clients here.

use std::{collections::HashSet, time::Duration};

use sea_orm::sqlx::{
    self, AssertSqlSafe, Connection, PgConnection, Row, postgres::PgConnectOptions,
};
use tokio::time::timeout;
use uuid::Uuid;

use super::Pooler;

/// On a busy pooler the two clients may miss each other once, or twice.
const ROUNDS: i64 = 5;

/// A pooler with one server connection has none for the asker while the holder keeps it.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn find(options: &PgConnectOptions) -> Result<Pooler, sqlx::Error> {
    // Statements without a name, which a host may prefer, are mixed up too, but not to order.
    let options = options.clone().statement_cache_capacity(10);
    let mut asker = Client::connect(&options).await?;
    let mut holder = Client::connect(&options).await?;
    let mut seen = Seen::default();
    for round in 0..ROUNDS {
        if !seen.round(&mut asker, &mut holder, round).await? {
            break;
        }
    }
    for client in [asker, holder] {
        // One that was mixed up may wait for an answer that never comes.
        drop(timeout(PATIENCE, client.connection.close()).await);
    }
    Ok(seen.verdict())
}

/// One of the two, with a prepared statement that nobody else has: another's statement of the same
/// name, also one that an earlier preflight has left behind, gives another answer.
struct Client {
    connection: PgConnection,
    secret: i64,
}

impl Client {
    async fn connect(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let connection = PgConnection::connect_with(options).await?;
        let (random, ..) = Uuid::new_v4().as_fields();
        Ok(Self { connection, secret: random.into() })
    }

    /// Whether the prepared statement answers what it was asked.
    async fn is_answered(&mut self, number: i64) -> Result<bool, sqlx::Error> {
        let sql = AssertSqlSafe(format!("SELECT $1::int8 + {}", self.secret));
        let question = sqlx::query_scalar::<_, i64>(sql).bind(number);
        match question.fetch_one(&mut self.connection).await {
            Ok(answer) => Ok(answer == number + self.secret),
            Err(error @ (sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed)) => Err(error),
            Err(error) if is_trouble(&error) => Err(error),
            // "No such statement", "exists already", another number of parameters, another type.
            Err(_) => Ok(false),
        }
    }

    /// The process that serves us at the moment.
    async fn server(&mut self) -> Result<i32, sqlx::Error> {
        let sql = sqlx::raw_sql("SELECT pg_backend_pid() AS pid");
        sql.fetch_one(&mut self.connection).await?.try_get("pid")
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(sql).execute(&mut self.connection).await.map(|_| ())
    }
}

/// The server is short of something, stops, or was told to give up: that says nothing of poolers.
fn is_trouble(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| ["53", "55", "57"].iter().any(|class| code.starts_with(class)))
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
        asker: &mut Client,
        holder: &mut Client,
        round: i64,
    ) -> Result<bool, sqlx::Error> {
        if !asker.is_answered(round).await? {
            return Ok(self.caught());
        }
        self.askers.insert(asker.server().await?);
        match holder.run("BEGIN").await {
            // Statement pooling knows no transactions, and keeps nothing apart.
            Err(error @ sqlx::Error::Database(_)) if !is_trouble(&error) => {
                return Ok(self.caught());
            }
            begun => begun?,
        }
        self.holders.insert(holder.server().await?);
        if !holder.is_answered(round).await? {
            return Ok(self.caught());
        }
        let answered = timeout(PATIENCE, asker.is_answered(-round)).await;
        holder.run("ROLLBACK").await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sea_orm::coded::refused_with;

    fn seen(askers: &[i32], holders: &[i32], mixed_up: bool) -> Seen {
        let (askers, holders) = (askers.iter().copied(), holders.iter().copied());
        Seen { askers: askers.collect(), holders: holders.collect(), mixed_up }
    }

    #[test]
    fn clients_that_share_a_server_process_are_behind_a_transaction_pooler() {
        for (seen, pooler) in [
            (seen(&[1], &[2], false), Pooler::NoneOrSession),
            (seen(&[1], &[1], false), Pooler::TransactionSafe),
            (seen(&[1, 3], &[2], false), Pooler::TransactionSafe),
            (seen(&[1], &[1], true), Pooler::TransactionUnsafe),
            (seen(&[], &[], true), Pooler::TransactionUnsafe),
        ] {
            assert_eq!(seen.verdict(), pooler);
        }
    }

    #[test]
    fn a_server_in_trouble_says_nothing_of_poolers() {
        for trouble in ["53300", "55P03", "57P01", "57014"] {
            assert!(is_trouble(&refused_with(trouble)), "{trouble}");
        }
        for mixed_up in ["26000", "42P05", "08P01", "22P02"] {
            assert!(!is_trouble(&refused_with(mixed_up)), "{mixed_up}");
        }
        assert!(!is_trouble(&sqlx::Error::WorkerCrashed));
    }
}
