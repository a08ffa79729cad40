//! What keeps the host's users table from being referenced.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{
    bookkeeping::finds,
    cause::{code, plain},
    error::{MigrateError, Result},
    plan::Plan,
    users::Users,
};

const NO_TABLE: &str = "there is no such table";
const NO_COLUMN: &str = "the table has no such column";
const NO_INTEGER: &str = "the column is no integer that a bigint can refer to: use Users::Managed \
     (`--users managed`) and ensure_user(the id as text)";
const NO_KEY: &str = "the column is neither PRIMARY KEY nor UNIQUE";

/// The error for a failure of PostgreSQL that means the host's table, if there is one.
pub(crate) fn refusal(plan: &Plan, error: &DbErr) -> Option<MigrateError> {
    let reason = match code(error)?.as_str() {
        // undefined_table, and invalid_schema_name for one in a schema that does not exist.
        "42P01" | "3F000" => NO_TABLE,
        "42703" => NO_COLUMN,
        "42804" => NO_INTEGER,
        "42830" => NO_KEY,
        _ => return None,
    };
    because(plan, reason)
}

/// Checks the table and its column on SQLite, which accepts a reference to nothing.
pub(crate) async fn check_columns<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    let Users::Existing { table, column } = &plan.users else { return Ok(()) };
    let sql = "SELECT 1 FROM pragma_table_info($1)";
    if !finds(db, plan, sql, table.clone()).await.map_err(plain)? {
        return refuse(plan, NO_TABLE);
    }
    let sql = "SELECT type FROM pragma_table_info($1) WHERE name = $2 COLLATE NOCASE";
    let values = [table.clone().into(), column.clone().into()];
    let statement = Statement::from_sql_and_values(plan.dialect.backend(), sql, values);
    let Some(row) = db.query_one_raw(statement).await.map_err(plain)? else {
        return refuse(plan, NO_COLUMN);
    };
    let declared: String = row.try_get_by_index(0).map_err(plain)?;
    // SQLite's own rule for an integer column.
    if !declared.to_ascii_uppercase().contains("INT") {
        return refuse(plan, NO_INTEGER);
    }
    Ok(())
}

/// Checks on SQLite that the column is a key, once there is a reference to it.
pub(crate) async fn check_key<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    if !matches!(plan.users, Users::Existing { .. }) {
        return Ok(());
    }
    // It reads no row, the table is empty: what fails is looking up the key of the reference.
    match db.execute_unprepared(&plan.fill("PRAGMA foreign_key_check({conversations})")).await {
        Ok(_) => Ok(()),
        Err(_) => refuse(plan, NO_KEY),
    }
}

fn refuse(plan: &Plan, reason: &'static str) -> Result<()> {
    because(plan, reason).map_or(Ok(()), Err)
}

fn because(plan: &Plan, reason: &'static str) -> Option<MigrateError> {
    let Users::Existing { .. } = plan.users else { return None };
    let (table, column) = plan.users.reference(String::new())?;
    Some(MigrateError::UsersTable { table, column, reason })
}
