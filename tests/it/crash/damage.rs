//! What PostgreSQL finds out about itself.

use std::{
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};

/// What its extension `amcheck` has found.
#[derive(Debug)]
pub(super) struct Damage {
    /// Tables and indexes, those of the catalogue too.
    pub(super) looked_at: usize,
    pub(super) found: Vec<String>,
}

/// As `pg_amcheck --parent-check --heapallindexed` asks.
const QUESTIONS: &str = "
    SELECT format('SELECT bt_index_parent_check(%s, true) OFFSET 1', class.oid)
      FROM pg_class AS class JOIN pg_index ON indexrelid = class.oid
     WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'btree')
       AND relpersistence = 'p' AND indisvalid AND indisready
     UNION ALL
    SELECT format('SELECT msg FROM verify_heapam(%s)', oid)
      FROM pg_class WHERE relkind IN ('r', 'm', 't') AND relpersistence = 'p'";

/// Has `amcheck` look at everything; why not, where the server does not have it.
pub(super) async fn damage(url: &str) -> Result<Damage, String> {
    let mut session = PgConnection::connect(url).await.unwrap();
    let here = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck')";
    if !query_scalar::<_, bool>(here).fetch_one(&mut session).await.unwrap() {
        return Err("this PostgreSQL was installed without its extension `amcheck`".to_owned());
    }
    let create = "CREATE EXTENSION IF NOT EXISTS amcheck";
    raw_sql(create).execute(&mut session).await.unwrap();
    let questions: Vec<String> = query_scalar(QUESTIONS).fetch_all(&mut session).await.unwrap();
    let mut found = Vec::new();
    for question in &questions {
        // An index that is damaged is an error, a table that is damaged has rows.
        match query_scalar::<_, String>(AssertSqlSafe(&**question)).fetch_all(&mut session).await {
            Ok(rows) => found.extend(rows),
            Err(error) => found.push(error.to_string()),
        }
    }
    Ok(Damage { looked_at: questions.len(), found })
}

impl Damage {
    /// The file of a table, written out.
    pub(super) async fn page_of(url: &str, table: &str) -> PathBuf {
        let mut session = PgConnection::connect(url).await.unwrap();
        raw_sql("CHECKPOINT").execute(&mut session).await.unwrap();
        let path = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath($1)";
        let path: String = query_scalar(path).bind(table).fetch_one(&mut session).await.unwrap();
        path.into()
    }

    /// Has the first line pointer of a table's first page lead to another that is not there.
    pub(super) fn to(path: &Path) {
        const PAGE_HEADER: u64 = 24;
        // An offset in 15 bits, LP_REDIRECT in 2, a length in 15.
        const NOWHERE: u32 = 0x7fff | 2 << 15;
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.seek(SeekFrom::Start(PAGE_HEADER)).unwrap();
        file.write_all(&NOWHERE.to_ne_bytes()).unwrap();
    }
}
