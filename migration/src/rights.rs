//! What a role of PostgreSQL may not do, asked before it is tried: the refusal itself names no right.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{
    cause::plain,
    dialect::Dialect,
    error::{MigrateError, Result},
    name::{qualified, quoted},
    plan::Plan,
    tables::Table,
    users::{Users, split},
};

/// Without `USAGE` on a schema even asking whether a table is there fails.
const USAGE: &str = "
SELECT 1::int8 FROM pg_catalog.pg_namespace
 WHERE nspname = $1 AND NOT has_schema_privilege(oid, 'USAGE')";

/// One row for each table of this name that lacks the right; without a schema the `search_path` decides.
const ON_TABLE: &str = "
SELECT 1::int8 FROM pg_catalog.pg_class AS relation
  JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace
 WHERE relname = $2
   AND CASE WHEN $1 = '' THEN relation.oid = to_regclass(quote_ident($2)) ELSE nspname = $1 END
   AND NOT has_any_column_privilege(relation.oid, $3)";

const CREATE_TABLES: &str = "
SELECT 1::int8 FROM pg_catalog.pg_namespace
 WHERE nspname = CASE WHEN $1 = '' THEN current_schema() ELSE $1 END
   AND NOT has_schema_privilege(oid, 'CREATE')";

const CREATE_SCHEMA: &str = "
SELECT 1::int8 WHERE NOT has_database_privilege(current_database(), 'CREATE')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";

/// Fails when the record of what was applied may not be read.
pub(crate) async fn check_reading<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    if plan.dialect == Dialect::Sqlite {
        return Ok(());
    }
    let usage = usage(db, plan, plan.tables.schema()).await.map_err(plain)?;
    let mut lacking = Vec::from_iter(usage);
    lacking.extend(on_record(db, plan, "SELECT").await.map_err(plain)?);
    refuse(lacking)
}

/// Fails when what is pending may not be made.
pub(crate) async fn check_making<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<()> {
    if plan.dialect == Dialect::Sqlite {
        return Ok(());
    }
    let usage = usage(db, plan, plan.tables.schema()).await.map_err(plain)?;
    let mut lacking = Vec::from_iter(usage);
    lacking.extend(creating(db, plan).await.map_err(plain)?);
    lacking.extend(on_record(db, plan, "INSERT").await.map_err(plain)?);
    lacking.extend(on_users(db, plan).await.map_err(plain)?);
    refuse(lacking)
}

async fn usage<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    schema: Option<&str>,
) -> Result<Option<String>, DbErr> {
    let Some(schema) = schema else { return Ok(None) };
    let lacks = lacks(db, plan, USAGE, &[schema]).await?;
    Ok(lacks.then(|| format!("USAGE ON SCHEMA {}", quoted(schema))))
}

async fn creating<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<Option<String>, DbErr> {
    let schema = plan.tables.schema();
    if lacks(db, plan, CREATE_TABLES, &[schema.unwrap_or_default()]).await? {
        let schema = match schema {
            Some(schema) => schema.to_owned(),
            None => text(db, plan, "SELECT current_schema()::text").await?,
        };
        return Ok(Some(format!("CREATE ON SCHEMA {}", quoted(&schema))));
    }
    match schema {
        Some(schema) if lacks(db, plan, CREATE_SCHEMA, &[schema]).await? => {
            let database = text(db, plan, "SELECT current_database()::text").await?;
            Ok(Some(format!("CREATE ON DATABASE {}", quoted(&database))))
        }
        _ => Ok(None),
    }
}

async fn on_record<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    right: &str,
) -> Result<Option<String>, DbErr> {
    let (schema, table) = (plan.tables.schema(), plan.tables.name(Table::Migrations));
    on_table(db, plan, schema, table, right).await
}

async fn on_users<C: ConnectionTrait>(db: &C, plan: &Plan) -> Result<Vec<String>, DbErr> {
    let Users::Existing { table, .. } = &plan.users else { return Ok(Vec::new()) };
    let (schema, table) = split(table);
    let usage = usage(db, plan, schema).await?;
    let references = on_table(db, plan, schema, table, "REFERENCES").await?;
    Ok(usage.into_iter().chain(references).collect())
}

async fn on_table<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    schema: Option<&str>,
    table: &str,
    right: &str,
) -> Result<Option<String>, DbErr> {
    let lacks = lacks(db, plan, ON_TABLE, &[schema.unwrap_or_default(), table, right]).await?;
    Ok(lacks.then(|| format!("{right} ON {}", qualified(schema, table))))
}

async fn lacks<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    sql: &str,
    values: &[&str],
) -> Result<bool, DbErr> {
    let values = values.iter().map(|value| (*value).into());
    let statement = Statement::from_sql_and_values(plan.dialect.backend(), sql, values);
    Ok(db.query_one_raw(statement).await?.is_some())
}

async fn text<C: ConnectionTrait>(db: &C, plan: &Plan, sql: &str) -> Result<String, DbErr> {
    let row = db.query_one_raw(Statement::from_string(plan.dialect.backend(), sql)).await?;
    row.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
}

fn refuse(mut lacking: Vec<String>) -> Result<()> {
    lacking.dedup();
    if lacking.is_empty() { Ok(()) } else { Err(MigrateError::PrivilegesMissing { lacking }) }
}
