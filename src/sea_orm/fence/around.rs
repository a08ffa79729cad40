//! A transaction of ours around one statement, which a dropped call leaves open nowhere.

use sea_orm::{
    DbErr, QueryResult, Statement,
    sqlx::{self, Connection, PgPool, Postgres, pool::PoolConnection},
};

use crate::{
    id::UserId,
    sea_orm::{
        driver::{self, failed, unsent},
        error::Access,
        postgres::NAME_OWNER,
    },
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
    let before = |error| before(access, error);
    let connection = pool.acquire().await.map_err(unsent)?;
    let mut guarded = Guarded { connection, begun: false };
    let mut transaction = guarded.connection.begin().await.map_err(before)?;
    guarded.begun = true;
    let name = sqlx::query(NAME_OWNER).bind(owner.get());
    name.execute(&mut *transaction).await.map_err(before)?;

    let rows = driver::rows(&mut transaction, statement).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(rows)
}

/// What fails before the statement leaves a write in no doubt; a read is sent again after a loss.
fn before(access: Access, error: sqlx::Error) -> DbErr {
    match access {
        Access::Read => failed(error),
        Access::Write => unsent(error),
    }
}
