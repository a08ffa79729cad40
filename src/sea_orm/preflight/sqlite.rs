//! The questions for SQLite.

use sea_orm::sqlx::{self, Row, SqlitePool, sqlite::SqliteRow};

use super::{Backend, Durability, Pooler, Preflight, RowSecurity, Schema};

const FACTS: &str = "
    SELECT sqlite_version() AS version,
           (SELECT encoding FROM pragma_encoding) AS encoding,
           (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode,
           (SELECT synchronous FROM pragma_synchronous) AS synchronous,
           (SELECT foreign_keys FROM pragma_foreign_keys) AS foreign_keys,
           (SELECT query_only FROM pragma_query_only) AS query_only";

pub(super) async fn inspect(pool: &SqlitePool, tables: &[&str]) -> Result<Preflight, sqlx::Error> {
    let facts = sqlx::query(FACTS).fetch_one(pool).await?;
    let version: String = facts.try_get("version")?;
    Ok(Preflight {
        backend: Backend::Sqlite,
        version: number(&version),
        version_text: version.into(),
        encoding: encoding(&facts)?,
        schema: schema(pool, tables).await?,
        role: None,
        durability: durability(&facts)?,
        read_only: facts.try_get("query_only")?,
        enforces_foreign_keys: facts.try_get("foreign_keys")?,
        remote: false,
        encrypted: false,
        pooler: Pooler::NoneOrSession,
        row_security: RowSecurity::Off,
        names_owner: None,
    })
}

async fn schema(pool: &SqlitePool, tables: &[&str]) -> Result<Schema, sqlx::Error> {
    for table in tables {
        let found = sqlx::query("SELECT 1 FROM pragma_table_info($1) LIMIT 1")
            .bind(unquoted(table))
            .fetch_optional(pool)
            .await?;
        if found.is_none() {
            return Ok(Schema::Missing);
        }
    }
    Ok(Schema::Present)
}

/// A table's name without the quotes that SQL puts around it.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(name) => name.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// `UTF-8` and `UTF-16le` hold the same texts, so both count as what PostgreSQL calls `UTF8`.
fn encoding(facts: &SqliteRow) -> Result<Box<str>, sqlx::Error> {
    let name: String = facts.try_get("encoding")?;
    Ok(if name.starts_with("UTF-") { "UTF8".into() } else { name.into() })
}

fn durability(facts: &SqliteRow) -> Result<Durability, sqlx::Error> {
    let synchronous: i64 = facts.try_get("synchronous")?;
    let journal: String = facts.try_get("journal_mode")?;
    Ok(Durability {
        fsync: synchronous > 0,
        full_page_writes: !matches!(&*journal, "off" | "memory"),
        synchronous_commit: synchronous >= 2,
    })
}

/// `3.46.1` is 3046001, as SQLite numbers itself.
fn number(version: &str) -> u32 {
    version.split('.').take(3).fold(0, |number, part| number * 1000 + part.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    async fn inspected(pragma: &'static str) -> Preflight {
        // One connection: what is set for it is what is asked.
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(pragma).execute(&pool).await.unwrap();
        inspect(&pool, &[]).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_durable_follows_from_the_settings() {
        for (pragma, fsync, synchronous_commit) in [
            ("PRAGMA synchronous = OFF", false, false),
            ("PRAGMA synchronous = NORMAL", true, false),
            ("PRAGMA synchronous = FULL", true, true),
            ("PRAGMA synchronous = EXTRA", true, true),
        ] {
            let durability = inspected(pragma).await.durability;

            // A database in memory has its journal there too.
            let expected = Durability { fsync, full_page_writes: false, synchronous_commit };
            assert_eq!(durability, expected, "{pragma}");
        }
    }

    #[test]
    fn a_version_is_the_number_that_sqlite_gives_it() {
        assert_eq!(number("3.46.1"), 3_046_001);
    }
}
