//! The table that records what was applied. It has the shape of SeaORM's own.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{
    cause::plain,
    dialect::Dialect,
    error::Result,
    migration::{ALL, Migration, PREFIX},
    owners::{self, Owners},
    plan::Plan,
    rights,
    status::Status,
    tables::Table,
};

pub(crate) const CREATE: &str = "CREATE TABLE IF NOT EXISTS {migrations} (
  version varchar NOT NULL PRIMARY KEY,
  applied_at bigint NOT NULL
)";

const DROP: &str = "DROP TABLE {migrations}";

/// The statement that records a migration.
pub(crate) fn record(plan: &Plan, migration: &Migration) -> String {
    let now = match plan.dialect {
        Dialect::Postgres => "extract(epoch FROM now())::bigint",
        Dialect::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER)",
    };
    let insert = plan.fill("INSERT INTO {migrations} (version, applied_at)");
    format!("{insert} VALUES ('{}', {now})", migration.name)
}

/// The statement that forgets a migration.
pub(crate) fn forget(plan: &Plan, migration: &Migration) -> String {
    format!("{} WHERE version = '{}'", plan.fill("DELETE FROM {migrations}"), migration.name)
}

/// Compares what is recorded with what is wanted; only reads.
pub(crate) async fn status<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<Status> {
    let recorded = recorded(db, plan).await?;
    let is_recorded = |migration: &Migration| recorded.iter().any(|name| name == migration.name);
    let names = |migrations: Vec<&Migration>| -> Vec<String> {
        migrations.into_iter().map(|migration| migration.name.to_owned()).collect()
    };
    let applied = names(ALL.iter().filter(|migration| is_recorded(migration)).collect());
    let owners = owners::found(db, plan, &applied).await?;
    Ok(Status {
        applied,
        owners: owners.as_ref().map(Owners::text),
        pending: names(plan.wanted().filter(|migration| !is_recorded(migration)).collect()),
        unknown: recorded
            .iter()
            // The rest is the host's, when the table is.
            .filter(|name| name.starts_with(PREFIX))
            .filter(|name| ALL.iter().all(|migration| migration.name != **name))
            .cloned()
            .collect(),
    })
}

/// Drops the table unless something is recorded there.
pub(crate) async fn drop_if_empty<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    let is_empty = recorded(db, plan).await?.is_empty();
    if is_empty && exists(db, plan).await.map_err(plain)? {
        db.execute_unprepared(&plan.fill(DROP)).await.map_err(plain)?;
    }
    Ok(())
}

pub(crate) async fn exists<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<bool, DbErr> {
    match plan.dialect {
        Dialect::Postgres => {
            let sql = "SELECT 1 WHERE to_regclass($1) IS NOT NULL";
            finds(db, plan, sql, plan.tables.migrations()).await
        }
        Dialect::Sqlite => sqlite_has(db, plan, Table::Migrations).await,
    }
}

/// Whether a SQLite database has anything that bears the name of `table`.
pub(crate) async fn sqlite_has<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    table: Table,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = $1 COLLATE NOCASE";
    finds(db, plan, sql, plan.tables.name(table).to_owned()).await
}

/// Whether a query with one parameter finds anything.
pub(crate) async fn finds<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    sql: &str,
    value: String,
) -> Result<bool, DbErr> {
    let statement = Statement::from_sql_and_values(plan.dialect.backend(), sql, [value.into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

async fn recorded<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<Vec<String>> {
    rights::check_reading(db, plan).await?;
    if !exists(db, plan).await.map_err(plain)? {
        return Ok(Vec::new());
    }
    let sql = plan.fill("SELECT version FROM {migrations} ORDER BY version");
    let statement = Statement::from_string(plan.dialect.backend(), sql);
    let rows = db.query_all_raw(statement).await.map_err(plain)?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(plain)).collect()
}
