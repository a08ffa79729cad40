//! Everything that is defined in a database, as one text.

use sea_orm_migration::sea_orm::{DatabaseConnection, DbBackend};

use crate::database::texts;

const POSTGRES: &str = "
WITH ours AS (SELECT oid, nspname FROM pg_namespace
               WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%')
SELECT 'schema ' || nspname FROM ours WHERE nspname <> 'public'
UNION ALL
SELECT 'relation ' || nspname || '.' || relname || ' ' || relkind::text
       || CASE WHEN relrowsecurity THEN ' row security' ELSE '' END
       || CASE WHEN relforcerowsecurity THEN ' forced' ELSE '' END
  FROM pg_class JOIN ours ON ours.oid = relnamespace
UNION ALL
SELECT 'column ' || nspname || '.' || relname || '.' || attname || ' ' || attnum || ' '
       || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' END
       || CASE attidentity WHEN 'a' THEN ' identity' ELSE '' END
       || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
  FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid JOIN ours ON ours.oid = relnamespace
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attnum > 0 AND relkind = 'r'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(c.oid)
  FROM pg_constraint c JOIN ours ON ours.oid = connamespace
    -- Since 18 every NOT NULL is one.
 WHERE contype <> 'n'
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes JOIN ours ON nspname = schemaname
UNION ALL
SELECT 'policy ' || schemaname || '.' || tablename || ' ' || policyname || ' ' || permissive || ' '
       || cmd || ' to ' || array_to_string(roles, ',') || ' using '
       || regexp_replace(qual, '\\s+', ' ', 'g') || coalesce(' check ' || with_check, '')
  FROM pg_policies JOIN ours ON nspname = schemaname";

/// `sqlite_sequence` is SQLite's own: it appears with the first `AUTOINCREMENT` and stays.
const SQLITE: &str = "
SELECT type || ' ' || name || coalesce(': ' || sql, '') FROM sqlite_schema
 WHERE name <> 'sqlite_sequence'";

pub(crate) async fn catalogue(db: &DatabaseConnection) -> String {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    // Not in SQL: databases differ in how they sort texts.
    let mut lines = texts(db, sql).await;
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}
