//! A transaction of ours around one statement, on a connection of our own pool.

use sea_orm::{DbErr, QueryResult, Statement};

use super::naming;
use crate::{
    id::UserId,
    sea_orm::{direct::Direct, error::Access},
};

pub(super) async fn send(
    pool: &Direct,
    access: Access,
    owner: UserId,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let unsent = |error| unsent(access, error);
    let transaction = pool.begin("").await.map_err(unsent)?;
    transaction.query_all(naming(owner)).await.map_err(unsent)?;
    let rows = transaction.query_all(statement).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// What fails before the statement leaves a write in no doubt; a read is sent again after a loss.
fn unsent(access: Access, error: DbErr) -> DbErr {
    match (access, error) {
        (Access::Write, DbErr::Query(cause)) => DbErr::Conn(cause),
        (Access::Read, DbErr::Conn(cause)) => DbErr::Query(cause),
        (_, error) => error,
    }
}
