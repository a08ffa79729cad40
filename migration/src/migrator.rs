//! What hosts call.

use std::time::Duration;

use sea_orm_migration::{
    MigrationTrait,
    sea_orm::{DatabaseConnection, DbBackend},
};

use crate::{
    bookkeeping,
    error::{MigrateError, Result},
    migration::Appended,
    plan::Plan,
    run,
    status::Status,
    tables::Tables,
    users::Users,
};

/// Creates, checks and drops the tables.
///
/// A run is one transaction under one lock, which it ends even when the caller has given up waiting
/// for it. Any number of processes may start at once: one of them migrates, the others wait and
/// find nothing to do. The lock belongs to the transaction, so a pooler in between does no harm.
///
/// # Examples
///
/// Beside a `users` table that the host has already:
///
/// ```
/// use scrollback_migration::{Migrator, Tables, Users};
/// use sea_orm_migration::sea_orm::{ConnectionTrait, Database};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)").await?;
///
/// let migrator = Migrator::new(Tables::default(), Users::existing("users", "id"));
/// migrator.up(&db).await?;
///
/// assert!(migrator.up(&db).await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrator {
    tables: Tables,
    users: Users,
    pub(crate) row_security: bool,
    wait: Duration,
}

impl Migrator {
    /// A migrator for these names and this choice of users.
    #[must_use]
    pub const fn new(tables: Tables, users: Users) -> Self {
        Self { tables, users, row_security: false, wait: Duration::from_secs(60) }
    }

    /// Waits `wait` for a run of somebody else to end; 60 seconds when this is not called.
    #[must_use]
    pub const fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Applies what is pending and returns its names; none when the database is current.
    ///
    /// # Errors
    ///
    /// Any [`MigrateError`]; nothing was changed.
    pub async fn up(&self, db: &DatabaseConnection) -> Result<Vec<String>> {
        let (db, plan) = (db.clone(), self.plan(db)?);
        to_the_end(async move { run::up(&db, &plan).await }).await
    }

    /// Drops everything of ours, **with all data in it**, and returns the names of what was reverted.
    ///
    /// Users that we manage go even when this migrator was made with another choice. The schema
    /// stays: it may have been there before, with rights that somebody granted on it.
    ///
    /// # Errors
    ///
    /// Any [`MigrateError`]; nothing was changed. [`MigrateError::Database`] when something that
    /// is not ours, such as a view, depends on the tables.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback_migration::{Migrator, Tables, Users};
    /// use sea_orm_migration::sea_orm::Database;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Database::connect("sqlite::memory:").await?;
    /// let migrator = Migrator::new(Tables::default(), Users::Unchecked);
    /// let applied = migrator.up(&db).await?;
    ///
    /// let reverted = migrator.down(&db).await?;
    ///
    /// assert_eq!(applied, reverted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn down(&self, db: &DatabaseConnection) -> Result<Vec<String>> {
        let (db, plan) = (db.clone(), self.plan(db)?);
        to_the_end(async move { run::down(&db, &plan).await }).await
    }

    /// What was applied and what is pending. It only reads, so it needs no right to create tables.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Name`] as [`up`](Self::up), [`MigrateError::PrivilegesMissing`] when the record
    /// of what was applied may not be read, and [`MigrateError::Database`].
    pub async fn status(&self, db: &DatabaseConnection) -> Result<Status> {
        bookkeeping::status(db, &self.plan(db)?).await
    }

    /// The statements that [`up`](Self::up) runs on a database without these tables, as a script
    /// for `psql` or `sqlite3`. Only what it asks beforehand is left out.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Name`], and [`MigrateError::Unsupported`] for any other database.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback_migration::{Migrator, Tables, Users};
    /// use sea_orm_migration::sea_orm::DbBackend;
    ///
    /// let migrator = Migrator::new(Tables::default().with_schema("chat")?, Users::Managed);
    ///
    /// assert!(migrator.sql(DbBackend::Postgres)?.contains(r#"CREATE TABLE "chat"."messages""#));
    /// # Ok::<_, scrollback_migration::MigrateError>(())
    /// ```
    pub fn sql(&self, backend: DbBackend) -> Result<String> {
        Ok(Plan::new(self, backend)?.sql())
    }

    /// The migrations, to be appended to those of the host's own SeaORM migrator.
    ///
    /// That migrator then does the bookkeeping, in its own table and without our lock: migrate from
    /// one process.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback_migration::{Migrator, Tables, Users};
    /// use sea_orm_migration::{MigrationTrait, MigratorTrait, sea_orm::Database};
    ///
    /// struct HostMigrator;
    ///
    /// impl MigratorTrait for HostMigrator {
    ///     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    ///         let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![/* the host's */];
    ///         migrations.extend(Migrator::new(Tables::default(), Users::Managed).migrations());
    ///         migrations
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Database::connect("sqlite::memory:").await?;
    /// HostMigrator::up(&db, None).await?;
    ///
    /// // Where to look when the host's table does the bookkeeping:
    /// let tables = Tables::default().with_migrations("seaql_migrations")?;
    /// assert!(Migrator::new(tables, Users::Managed).status(&db).await?.is_current());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        Appended::all(self)
    }

    pub(crate) const fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) const fn users(&self) -> &Users {
        &self.users
    }

    pub(crate) const fn has_row_security(&self) -> bool {
        self.row_security
    }

    pub(crate) const fn wait(&self) -> Duration {
        self.wait
    }

    pub(crate) fn plan(&self, db: &DatabaseConnection) -> Result<Plan> {
        Plan::new(self, db.get_database_backend())
    }
}

/// Runs `work` in a task of its own, so that giving up on it does not drop it half-way.
///
/// A `BEGIN` that is dropped before its answer stays open in the pool, and the next caller's write
/// would join it and be lost.
pub(crate) async fn to_the_end(
    work: impl Future<Output = Result<Vec<String>>> + Send + 'static,
) -> Result<Vec<String>> {
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(MigrateError::database("the runtime stopped before the migration had ended")),
    }
}
