//! The list of migrations, and what one is.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait, sea_orm::DbErr,
};

use crate::{
    dialect::Dialect, m20261120_000001_create_users, m20261120_000002_create_tables,
    m20261120_000003_row_security, migrator::Migrator, plan::Plan, run, tables::Table,
    users::Users,
};

/// What all our names begin with, to be told apart from the host's in a table of its own.
pub(crate) const PREFIX: &str = "scrollback_";

/// Every migration there is, oldest first. What was released is never changed.
pub(crate) const ALL: &[Migration] = &[
    m20261120_000001_create_users::MIGRATION,
    m20261120_000002_create_tables::MIGRATION,
    m20261120_000003_row_security::MIGRATION,
];

/// One step of the schema, with its statements for each of the databases.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) wanted: For,
    pub(crate) postgres: Script,
    pub(crate) sqlite: Script,
}

/// Whose choices ask for a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    Everyone,
    ManagedUsers,
    RowSecurity,
}

/// Statements with placeholders for names, each with the table it makes or belongs to.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) up: &'static [(Table, &'static str)],
    pub(crate) down: &'static [(Table, &'static str)],
}

impl Migration {
    pub(crate) const fn script(&self, dialect: Dialect) -> &Script {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
        }
    }

    /// Whether the choices of a host ask for it.
    pub(crate) fn is_wanted(&self, users: &Users, row_security: bool) -> bool {
        match self.wanted {
            For::Everyone => true,
            For::ManagedUsers => *users == Users::Managed,
            For::RowSecurity => row_security,
        }
    }
}

/// A migration in the list of a host's own migrator, which does the bookkeeping.
#[derive(Debug)]
pub(crate) struct Appended {
    migrator: Migrator,
    migration: &'static Migration,
}

impl Appended {
    pub(crate) fn all(migrator: &Migrator) -> Vec<Box<dyn MigrationTrait>> {
        ALL.iter()
            .filter(|migration| migration.is_wanted(migrator.users(), migrator.has_row_security()))
            .map(|migration| -> Box<dyn MigrationTrait> {
                Box::new(Self { migrator: migrator.clone(), migration })
            })
            .collect()
    }

    fn plan(&self, manager: &SchemaManager<'_>) -> Result<Plan, DbErr> {
        Plan::new(&self.migrator, manager.get_database_backend()).map_err(outward)
    }
}

impl MigrationName for Appended {
    fn name(&self) -> &str {
        self.migration.name
    }
}

#[async_trait]
impl MigrationTrait for Appended {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (plan, db) = (self.plan(manager)?, manager.get_connection());
        run::prepare(db, &plan).await.map_err(outward)?;
        run::apply(db, &plan, self.migration).await.map_err(outward)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (plan, db) = (self.plan(manager)?, manager.get_connection());
        run::revert(db, &plan, self.migration).await.map_err(outward)
    }

    // SeaORM would run it without one on SQLite, and leave half of it behind when it fails.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn outward(error: crate::MigrateError) -> DbErr {
    DbErr::Migration(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_recognisable_and_in_order() {
        let names: Vec<_> = ALL.iter().map(|migration| migration.name).collect();

        assert!(names.iter().all(|name| name.starts_with(PREFIX)));
        assert!(names.is_sorted());
    }
}
