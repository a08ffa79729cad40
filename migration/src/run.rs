//! Running a plan: one transaction under one lock.

use std::time::Duration;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::time::{Instant, sleep};

use crate::{
    bookkeeping,
    cause::{code, is_locked, plain},
    dialect::Dialect,
    error::{MigrateError, Result},
    migration::{ALL, For, Migration},
    owners,
    plan::Plan,
    rights,
    status::Status,
    tables::Table,
    users_table,
};

/// Between two attempts to begin, for hosts whose `busy_timeout` is 0.
const PAUSE: Duration = Duration::from_millis(20);

/// Applies what is pending and returns its names.
pub(crate) async fn up(db: &DatabaseConnection, plan: &Plan) -> Result<Vec<String>> {
    let tx = begin(db, plan).await?;
    let outcome = up_within(&tx, plan).await;
    end(tx, outcome).await
}

/// Reverts everything that was applied and returns its names.
pub(crate) async fn down(db: &DatabaseConnection, plan: &Plan) -> Result<Vec<String>> {
    let tx = begin(db, plan).await?;
    let outcome = down_within(&tx, plan, |_| true).await;
    end(tx, outcome).await
}

/// Takes row level security off, where it is on, and returns its name.
pub(crate) async fn down_row_security(db: &DatabaseConnection, plan: &Plan) -> Result<Vec<String>> {
    let tx = begin(db, plan).await?;
    let outcome = down_within(&tx, plan, |migration| migration.wanted == For::RowSecurity).await;
    end(tx, outcome).await
}

/// Asks whether the role may go on, and makes the schema if one is named and missing.
///
/// It asks first, because `IF NOT EXISTS` needs the right to create even when it does nothing.
pub(crate) async fn prepare<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    rights::check_making(db, plan).await?;
    let (Some(name), Some(create)) = (plan.tables.schema(), plan.make_schema()) else {
        return Ok(());
    };
    let sql = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    if !bookkeeping::finds(db, plan, sql, name.to_owned()).await.map_err(plain)? {
        db.execute_unprepared(&create).await.map_err(plain)?;
    }
    Ok(())
}

/// Runs the statements of one migration, without the bookkeeping.
pub(crate) async fn apply<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    migration: &Migration,
) -> Result<()> {
    if plan.dialect == Dialect::Sqlite {
        refuse_taken_names(db, plan, migration).await?;
        users_table::check_columns(db, plan).await?;
    }
    for (table, sql) in plan.up(migration) {
        db.execute_unprepared(&sql).await.map_err(|error| match code(&error).as_deref() {
            // duplicate_table, which an index is as well, and duplicate_object.
            Some("42P07" | "42710") => taken(plan, table),
            _ => users_table::refusal(plan, &error).unwrap_or_else(|| plain(error)),
        })?;
    }
    if plan.dialect == Dialect::Sqlite {
        users_table::check_key(db, plan).await?;
    }
    Ok(())
}

/// Runs the statements that undo one migration, without the bookkeeping.
pub(crate) async fn revert<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    migration: &Migration,
) -> Result<()> {
    for sql in plan.down(migration) {
        db.execute_unprepared(&sql).await.map_err(plain)?;
    }
    Ok(())
}

async fn up_within(tx: &DatabaseTransaction, plan: &Plan) -> Result<Vec<String>> {
    let status = bookkeeping::status(tx, plan).await?;
    refuse_newer(&status)?;
    if let Some(owners) = owners::found(tx, plan, &status.applied).await? {
        owners.refuse_other(plan)?;
    }
    if status.pending.is_empty() {
        return Ok(Vec::new());
    }

    prepare(tx, plan).await?;
    if !bookkeeping::exists(tx, plan).await.map_err(plain)? {
        tx.execute_unprepared(&plan.fill(bookkeeping::CREATE)).await.map_err(plain)?;
    }
    for migration in plan.wanted().filter(|m| status.pending.iter().any(|name| name == m.name)) {
        apply(tx, plan, migration).await?;
        let record = bookkeeping::record(plan, migration);
        tx.execute_unprepared(&record).await.map_err(plain)?;
    }
    Ok(status.pending)
}

async fn down_within(
    tx: &DatabaseTransaction,
    plan: &Plan,
    is_meant: fn(&Migration) -> bool,
) -> Result<Vec<String>> {
    let status = bookkeeping::status(tx, plan).await?;
    refuse_newer(&status)?;
    // What was applied counts, not what is wanted: managed users go even if `users` is another now.
    let is_applied = |migration: &Migration| status.applied.iter().any(|n| n == migration.name);
    let mut reverted = Vec::new();
    for migration in ALL.iter().rev().filter(|m| is_meant(m) && is_applied(m)) {
        revert(tx, plan, migration).await?;
        let forget = bookkeeping::forget(plan, migration);
        tx.execute_unprepared(&forget).await.map_err(plain)?;
        reverted.push(migration.name.to_owned());
    }
    bookkeeping::drop_if_empty(tx, plan).await?;
    Ok(reverted)
}

async fn begin(db: &DatabaseConnection, plan: &Plan) -> Result<DatabaseTransaction> {
    let deadline = Instant::now() + plan.wait;
    let tx = loop {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        match db.begin_with_options(options).await {
            // SQLite waits as long as the host's busy_timeout says, which is not ours to change.
            Err(error) if is_locked(&error) && Instant::now() < deadline => sleep(PAUSE).await,
            outcome => break outcome.map_err(plain)?,
        }
    };
    for sql in plan.lock() {
        if let Err(error) = tx.execute_unprepared(&sql).await {
            return end(tx, Err(plain(error))).await;
        }
    }
    Ok(tx)
}

async fn end<T: Send>(tx: DatabaseTransaction, outcome: Result<T>) -> Result<T> {
    match outcome {
        Ok(value) => tx.commit().await.map(|()| value).map_err(plain),
        Err(error) => {
            // When this fails the connection is gone, and the transaction with it.
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

fn refuse_newer(status: &Status) -> Result<()> {
    match status.unknown.first() {
        Some(version) => Err(MigrateError::Newer { version: version.clone() }),
        None => Ok(()),
    }
}

/// SQLite has no code for it, and its messages are not for machines.
async fn refuse_taken_names<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    migration: &Migration,
) -> Result<()> {
    for (table, _) in plan.up(migration) {
        if bookkeeping::sqlite_has(db, plan, table).await.map_err(plain)? {
            return Err(taken(plan, table));
        }
    }
    Ok(())
}

fn taken(plan: &Plan, table: Table) -> MigrateError {
    MigrateError::AlreadyExists { table: plan.tables.sql(table) }
}
