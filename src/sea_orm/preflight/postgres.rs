//! The questions for PostgreSQL.
//!
//! They go as simple queries: a pooler that mixes up prepared statements answers those correctly.

use std::net::IpAddr;

use sea_orm::sqlx::{
    self, AssertSqlSafe, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgRow, PgSslMode},
};

use super::{Backend, Durability, Preflight, Role, RowSecurity, Schema, pooler};

const FACTS: &str = "
    SELECT current_setting('server_version_num')::int4 AS version,
           current_setting('server_version') AS version_text,
           current_setting('server_encoding') AS encoding,
           current_user::text AS role,
           coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false) AS superuser,
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates_tables,
           current_setting('fsync')::bool AS fsync,
           current_setting('full_page_writes')::bool AS full_page_writes,
           current_setting('synchronous_commit') <> 'off' AS synchronous_commit,
           pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS read_only,
           coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted";

pub(super) async fn inspect(pool: &PgPool, tables: &[&str]) -> Result<Preflight, sqlx::Error> {
    // One connection for all questions, given back before two more are opened.
    let mut connection = pool.acquire().await?;
    let facts = sqlx::raw_sql(FACTS).fetch_one(&mut *connection).await?;
    let schema = schema(&mut connection, tables).await?;
    let lacking = missing_privileges(&mut connection, tables).await?;
    let row_security = row_security(&mut connection, tables).await?;
    drop(connection);
    let options = pool.connect_options();
    let pooler = pooler::find(&options).await?;
    Ok(Preflight {
        backend: Backend::Postgres,
        version: facts.try_get::<i32, _>("version")?.unsigned_abs(),
        version_text: text(&facts, "version_text")?,
        encoding: text(&facts, "encoding")?,
        schema,
        durability: durability(&facts)?,
        read_only: facts.try_get("read_only")?,
        enforces_foreign_keys: true,
        remote: is_remote(&options),
        encrypted: demands_tls(&options) || facts.try_get("encrypted")?,
        pooler,
        row_security,
        names_owner: None,
        role: Some(role(&facts, lacking)?),
    })
}

/// What follows `WITH`: each name with its schema, if it names one, and its table, if there is one.
///
/// A name with a schema is looked up in the catalogue, for which no right on the schema is needed.
fn named(tables: &[&str]) -> String {
    format!(
        "named AS (
           SELECT t, space.oid AS schema, nspname,
                  CASE WHEN cardinality(parts) = 1 THEN to_regclass(t) ELSE relation.oid END AS oid
             FROM unnest({}) AS t, parse_ident(t) AS parts
             LEFT JOIN pg_namespace AS space ON nspname = parts[cardinality(parts) - 1]
             LEFT JOIN pg_class AS relation
                    ON relnamespace = space.oid AND relname = parts[cardinality(parts)])",
        array(tables)
    )
}

async fn schema(connection: &mut PgConnection, tables: &[&str]) -> Result<Schema, sqlx::Error> {
    let sql = format!(
        "WITH {} SELECT coalesce(bool_and(oid IS NOT NULL), true) AS present FROM named",
        named(tables)
    );
    let present =
        sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await?.try_get("present")?;
    Ok(if present { Schema::Present } else { Schema::Missing })
}

/// As the server sees it: superusers, `BYPASSRLS`, and owners where it is not forced, pass it by.
async fn row_security(
    connection: &mut PgConnection,
    tables: &[&str],
) -> Result<RowSecurity, sqlx::Error> {
    let sql = format!(
        "WITH {} SELECT coalesce(bool_or(relrowsecurity), false) AS up,
                coalesce(bool_or(row_security_active(pg_class.oid)), false) AS holds,
                coalesce(bool_and(row_security_active(pg_class.oid)), false) AS holds_everywhere
           FROM named JOIN pg_class USING (oid)",
        named(tables)
    );
    let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await?;
    let facts = (row.try_get("up")?, row.try_get("holds")?, row.try_get("holds_everywhere")?);
    Ok(match facts {
        (false, ..) => RowSecurity::Off,
        (true, _, true) => RowSecurity::On,
        (true, true, false) => RowSecurity::Partly,
        (true, false, false) => RowSecurity::Bypassed,
    })
}

async fn missing_privileges(
    connection: &mut PgConnection,
    tables: &[&str],
) -> Result<Vec<String>, sqlx::Error> {
    let sql = format!(
        "WITH {}
         SELECT DISTINCT format('USAGE ON SCHEMA \"%s\"', replace(nspname, '\"', '\"\"')) AS lacking
           FROM named WHERE NOT has_schema_privilege(schema, 'USAGE')
          UNION ALL
         SELECT string_agg(p, ', ' ORDER BY place) || ' ON ' || t
           FROM named,
                unnest('{{SELECT,INSERT,UPDATE,DELETE}}'::text[]) WITH ORDINALITY AS p(p, place)
          WHERE NOT has_table_privilege(oid, p) GROUP BY t",
        named(tables)
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get("lacking")).collect()
}

/// The names as an array of SQL; simple queries have no parameters.
fn array(names: &[&str]) -> String {
    let quoted: Vec<String> =
        names.iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    format!("ARRAY[{}]::text[]", quoted.join(", "))
}

fn text(row: &PgRow, column: &str) -> Result<Box<str>, sqlx::Error> {
    row.try_get::<String, _>(column).map(Into::into)
}

fn role(facts: &PgRow, missing_privileges: Vec<String>) -> Result<Role, sqlx::Error> {
    Ok(Role {
        name: text(facts, "role")?,
        superuser: facts.try_get("superuser")?,
        creates_tables: facts.try_get("creates_tables")?,
        missing_privileges,
    })
}

fn durability(facts: &PgRow) -> Result<Durability, sqlx::Error> {
    Ok(Durability {
        fsync: facts.try_get("fsync")?,
        full_page_writes: facts.try_get("full_page_writes")?,
        synchronous_commit: facts.try_get("synchronous_commit")?,
    })
}

fn demands_tls(options: &PgConnectOptions) -> bool {
    let mode = options.get_ssl_mode();
    matches!(mode, PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull)
}

fn is_remote(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let here = host == "localhost" || host.starts_with('/') || loopback;
    options.get_socket().is_none() && !here
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
    }

    #[test]
    fn a_server_is_elsewhere_unless_its_host_is_this_one() {
        for here in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "/run/postgresql"] {
            assert!(!is_remote(&options().host(here)), "{here}");
        }
        for elsewhere in ["db.example.org", "10.0.0.1", "2001:db8::1", "localhost.example.org"] {
            assert!(is_remote(&options().host(elsewhere)), "{elsewhere}");
        }
        assert!(!is_remote(&options().host("db.example.org").socket("/run/postgresql")));
    }

    #[test]
    fn tls_is_demanded_where_nothing_else_would_do() {
        for (mode, demanded) in [
            (PgSslMode::Disable, false),
            (PgSslMode::Allow, false),
            (PgSslMode::Prefer, false),
            (PgSslMode::Require, true),
            (PgSslMode::VerifyCa, true),
            (PgSslMode::VerifyFull, true),
        ] {
            assert_eq!(demands_tls(&options().ssl_mode(mode)), demanded, "{mode:?}");
        }
    }
}
