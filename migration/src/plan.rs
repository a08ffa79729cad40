//! The text of everything that is run, with the names filled in: what [`sql`](Plan::sql) prints is
//! what [`run`](crate::run) sends.

use std::{hash::Hasher, time::Duration};

use fnv::FnvHasher;
use sea_orm_migration::sea_orm::DbBackend;

use crate::{
    bookkeeping,
    dialect::Dialect,
    error::{MigrateError, Result},
    migration::{ALL, Migration},
    migrator::Migrator,
    name::{qualified, quoted},
    tables::{Table, Tables},
    template,
    users::Users,
};

/// How long a statement waits for a lock on a table; the run as a whole has its own wait.
const TABLE_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A migrator for one of the databases, with names that were checked for it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) dialect: Dialect,
    pub(crate) tables: Tables,
    pub(crate) users: Users,
    pub(crate) row_security: bool,
    pub(crate) wait: Duration,
}

impl Plan {
    pub(crate) fn new(migrator: &Migrator, backend: DbBackend) -> Result<Self> {
        let (tables, users) = (migrator.tables().clone(), migrator.users().clone());
        let dialect = Dialect::of(backend)?;
        tables.check(dialect)?;
        users.check(dialect)?;
        let row_security = migrator.has_row_security();
        if row_security && dialect == Dialect::Sqlite {
            return Err(MigrateError::RowSecurity);
        }
        Ok(Self { dialect, tables, users, row_security, wait: migrator.wait() })
    }

    /// What `up` runs on a database without these tables, as a script.
    pub(crate) fn sql(&self) -> String {
        let (begin, hint) = match self.dialect {
            Dialect::Postgres => ("BEGIN", "psql -v ON_ERROR_STOP=1"),
            Dialect::Sqlite => ("BEGIN IMMEDIATE", "sqlite3 -bail"),
        };
        let mut statements = vec![begin.to_owned()];
        statements.extend(self.lock());
        statements.extend(self.make_schema());
        statements.push(self.fill(bookkeeping::CREATE));
        for migration in self.wanted() {
            statements.extend(self.up(migration).map(|(_, sql)| sql));
            statements.push(bookkeeping::record(self, migration));
        }
        statements.push("COMMIT".to_owned());

        let version = env!("CARGO_PKG_VERSION");
        format!(
            "-- scrollback-migration {version}; run it with {hint}\n{};\n",
            statements.join(";\n")
        )
    }

    /// The migrations that the host's choices ask for, oldest first.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &'static Migration> {
        ALL.iter().filter(|migration| migration.is_wanted(&self.users, self.row_security))
    }

    /// What follows `BEGIN`: one run at a time, whoever starts it.
    pub(crate) fn lock(&self) -> Vec<String> {
        match self.dialect {
            // `BEGIN IMMEDIATE` is the lock.
            Dialect::Sqlite => Vec::new(),
            Dialect::Postgres => vec![
                // A stricter level would still see the database as it was before the wait.
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
                lock_timeout(self.wait),
                format!("SELECT pg_advisory_xact_lock({})", self.lock_key()),
                lock_timeout(TABLE_LOCK_TIMEOUT),
            ],
        }
    }

    pub(crate) fn make_schema(&self) -> Option<String> {
        let schema = self.tables.schema()?;
        Some(format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema)))
    }

    /// The statements of a migration, each with the table it makes or belongs to.
    pub(crate) fn up(&self, migration: &Migration) -> impl Iterator<Item = (Table, String)> {
        let script = migration.script(self.dialect);
        script.up.iter().map(|&(table, template)| (table, self.fill(template)))
    }

    pub(crate) fn down(&self, migration: &Migration) -> impl Iterator<Item = String> {
        let script = migration.script(self.dialect);
        script.down.iter().map(|&(_, template)| self.fill(template))
    }

    /// Fills in the names.
    ///
    /// `{messages}` is the table, `{messages:pkey}` a name derived from it, `{references_users}`
    /// the reference to the owner or nothing.
    pub(crate) fn fill(&self, template: &str) -> String {
        template::fill(template, |placeholder| self.name(placeholder))
    }

    fn name(&self, placeholder: &str) -> String {
        let (table, suffix) = match placeholder.split_once(':') {
            Some((table, suffix)) => (table, Some(suffix)),
            None => (placeholder, None),
        };
        let table = match table {
            "users" => Table::Users,
            "conversations" => Table::Conversations,
            "messages" => Table::Messages,
            "migrations" => Table::Migrations,
            _ => return self.references_users(),
        };
        match suffix {
            Some(suffix) => quoted(&format!("{}_{suffix}", self.tables.name(table))),
            None => self.tables.sql(table),
        }
    }

    fn references_users(&self) -> String {
        let Some((table, column)) = self.users.reference(self.tables.users()) else {
            return String::new();
        };
        let constraint = self.fill("{conversations:user_fkey}");
        format!("\n    CONSTRAINT {constraint} REFERENCES {table} ({column}) ON DELETE CASCADE")
    }

    /// The same for everyone who migrates the same tables (FNV-1a of their bookkeeping's name).
    fn lock_key(&self) -> i64 {
        let name = qualified(self.tables.schema(), self.tables.name(Table::Migrations));
        let mut hasher = FnvHasher::default();
        hasher.write(name.as_bytes());
        hasher.finish().cast_signed()
    }
}

fn lock_timeout(wait: Duration) -> String {
    // 0 would mean for ever.
    format!("SET LOCAL lock_timeout = '{}ms'", wait.as_millis().clamp(1, i32::MAX as u128))
}
