//! What the owners of the tables at hand refer to: read from the catalogue, not from memory.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::{
    cause::plain,
    dialect::Dialect,
    error::{MigrateError, Result},
    migration::{ALL, For, Migration},
    plan::Plan,
    users::Users,
};

/// The choice that was made when the tables were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owners {
    Managed,
    Unchecked,
    Existing(Target),
}

/// What a foreign key refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    schema: Option<String>,
    table: String,
    column: String,
    /// Whether the table's name alone would find it, or nothing at all.
    is_plain: bool,
}

/// One row: whether there is a foreign key, and its target.
///
/// A role may have no right on the host's table, so names are compared and nothing is opened. Where
/// the `search_path` finds nothing of that name, the name has to do.
const POSTGRES: &str = "
SELECT target.nspname::text, target.relname::text, target.attname::text,
       coalesce(to_regclass(quote_ident(target.relname)) = target.oid, true)
  FROM (SELECT to_regclass($1) AS oid) AS ours
  LEFT JOIN (
       SELECT conrelid, nspname, relname, relation.oid, referenced.attname
         FROM pg_catalog.pg_constraint
         JOIN pg_catalog.pg_class AS relation ON relation.oid = confrelid
         JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace
         JOIN pg_catalog.pg_attribute AS referenced
           ON referenced.attrelid = confrelid AND referenced.attnum = confkey[1]
         JOIN pg_catalog.pg_attribute AS owner
           ON owner.attrelid = conrelid AND owner.attname = 'user_id'
        WHERE contype = 'f' AND conkey = ARRAY[owner.attnum]
       ) AS target ON target.conrelid = ours.oid
 WHERE ours.oid IS NOT NULL
 LIMIT 1";

const SQLITE: &str = r#"
SELECT NULL, target."table", target."to", true
  FROM sqlite_schema LEFT JOIN pragma_foreign_key_list(name) AS target ON target."from" = 'user_id'
 WHERE type = 'table' AND name = $1 COLLATE NOCASE
 LIMIT 1"#;

/// Reads the choice; none where there are no tables.
pub(crate) async fn found<C: ConnectionTrait>(
    db: &C,
    plan: &Plan,
    applied: &[String],
) -> Result<Option<Owners>> {
    let is_applied = |migration: &&Migration| applied.iter().any(|name| name == migration.name);
    if !ALL.iter().filter(is_applied).any(|migration| migration.wanted == For::Everyone) {
        return Ok(None);
    }
    if ALL.iter().filter(is_applied).any(|migration| migration.wanted == For::ManagedUsers) {
        return Ok(Some(Owners::Managed));
    }
    let (sql, table) = match plan.dialect {
        Dialect::Postgres => (POSTGRES, plan.tables.conversations()),
        Dialect::Sqlite => (SQLITE, plan.tables.name(crate::tables::Table::Conversations).into()),
    };
    let values = [table.into()];
    let statement = Statement::from_sql_and_values(plan.dialect.backend(), sql, values);
    let row = db.query_one_raw(statement).await.map_err(plain)?;
    row.map(|row| read(&row)).transpose().map_err(plain)
}

fn read(row: &QueryResult) -> Result<Owners, DbErr> {
    let Some(table) = row.try_get_by_index(1)? else { return Ok(Owners::Unchecked) };
    Ok(Owners::Existing(Target {
        schema: row.try_get_by_index(0)?,
        table,
        column: row.try_get_by_index(2)?,
        is_plain: row.try_get_by_index(3)?,
    }))
}

impl Owners {
    /// Fails when another choice is asked for than the one that was made.
    pub(crate) fn refuse_other(&self, plan: &Plan) -> Result<()> {
        let same = match (self, &plan.users) {
            (Self::Managed, Users::Managed) | (Self::Unchecked, Users::Unchecked) => true,
            (Self::Existing(target), Users::Existing { table, column }) => {
                target.is(plan.dialect, table, column)
            }
            _ => false,
        };
        if same {
            return Ok(());
        }
        Err(MigrateError::UsersDiffer { found: self.text(), asked: plan.users.text() })
    }

    /// As the binary takes it, after `existing:` where that is meant.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Managed => Users::Managed.text(),
            Self::Unchecked => Users::Unchecked.text(),
            Self::Existing(Target { schema: Some(schema), table, column, is_plain: false }) => {
                format!("{schema}.{table}.{column}")
            }
            Self::Existing(Target { table, column, .. }) => format!("{table}.{column}"),
        }
    }
}

impl Target {
    fn is(&self, dialect: Dialect, table: &str, column: &str) -> bool {
        if dialect == Dialect::Sqlite {
            return self.table.eq_ignore_ascii_case(table)
                && self.column.eq_ignore_ascii_case(column);
        }
        let same_table = match table.split_once('.') {
            Some((schema, table)) => self.schema.as_deref() == Some(schema) && self.table == table,
            None => self.is_plain && self.table == table,
        };
        same_table && self.column == column
    }
}
