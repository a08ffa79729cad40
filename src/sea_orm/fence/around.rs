//! A transaction of ours around one statement, which a dropped call leaves open nowhere.

use std::sync::Arc;

use sea_orm::{
    DbErr, QueryResult, RuntimeErr, Statement, Values,
    sqlx::{self, AssertSqlSafe, Connection, PgPool, Postgres, pool::PoolConnection},
};
use sea_query_sqlx::SqlxValues;

use crate::{
    id::UserId,
    sea_orm::{error::Access, postgres::NAME_OWNER},
};

/// The driver rolls back what was begun, but forgets a `BEGIN` that is dropped before its answer: the
/// next borrower's write would join that transaction and be lost. Such a connection is closed.
struct Guarded {
    connection: PoolConnection<Postgres>,
    begun: bool,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.begun {
            self.connection.close_on_drop();
        }
    }
}

pub(super) async fn send(
    pool: &PgPool,
    access: Access,
    owner: UserId,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let unsent = |error| unsent(access, error);
    let connection = pool.acquire().await.map_err(connecting)?;
    let mut guarded = Guarded { connection, begun: false };
    let mut transaction = guarded.connection.begin().await.map_err(unsent)?;
    guarded.begun = true;
    let name = sqlx::query(NAME_OWNER).bind(owner.get());
    name.execute(&mut *transaction).await.map_err(unsent)?;

    let Statement { sql, values, .. } = statement;
    let values = SqlxValues(values.unwrap_or_else(|| Values(Vec::new())));
    // The text is one of ours, with the names of tables in it.
    let rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch_all(&mut *transaction).await;
    let rows = rows.map_err(sent)?;
    transaction.commit().await.map_err(sent)?;
    Ok(rows.into_iter().map(QueryResult::from).collect())
}

/// What fails before the statement leaves a write in no doubt; a read is sent again after a loss.
fn unsent(access: Access, error: sqlx::Error) -> DbErr {
    match access {
        Access::Read => sent(error),
        Access::Write => connecting(error),
    }
}

fn connecting(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}

fn sent(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}
