//! From a URL to a store that is known to be fit, and the tables it needs.

use scrollback_migration::{MigrateError, Migrator, Users};
use sea_orm::DatabaseConnection;

use crate::{
    error::{Cause, Error, Result},
    sea_orm::{
        SeaOrmStore,
        connect::Connect,
        error::{Access, translate},
        pool::Pool,
        preflight::{Preflight, Problem, RowSecurity, Schema},
        reach::StorePool,
    },
};

impl SeaOrmStore {
    /// Opens the database of a URL, and refuses one that cannot keep the contract.
    ///
    /// The URL and the settings are those of [`Connect`], which also takes other ones. Missing tables
    /// are no reason to refuse: [`migrate`](Self::migrate) may come next. Where tables of the default
    /// names have row level security, the store names the owner in every call, as
    /// [`with_row_security`](Self::with_row_security) says.
    ///
    /// # Errors
    ///
    /// Those of [`Connect::new`] and [`Connect::open`]. [`Setup`](Error::Setup) when a pooler in
    /// between mixes up prepared statements, when the server is older than PostgreSQL 14 or its
    /// encoding is not UTF-8, and when a later release of this crate has migrated the database.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{SeaOrmStore, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// // or postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=require
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Managed).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Self> {
        let store = Self::new(Pool::open(Connect::new(url)?).await?);
        let report = store.preflight().await?;
        match report.problems().iter().find(|problem| !may_be_mended_later(problem)) {
            Some(problem) => Err(Error::setup(problem.to_string())),
            None if report.row_security == RowSecurity::Off => Ok(store),
            None => Ok(store.with_row_security()),
        }
    }
}

impl<C: StorePool> SeaOrmStore<C> {
    /// Creates the tables, or brings them up to date: one transaction under one lock, so any number
    /// of processes may call this at once.
    ///
    /// `users` says how owners are anchored. The role needs the right to create tables, which serving
    /// does not need: see the `scrollback-migration` binary for migrating with another role. After
    /// [`with_row_security`](Self::with_row_security) it puts row level security on the tables.
    ///
    /// # Errors
    ///
    /// [`Busy`](Error::Busy) when another session holds a lock for too long. [`Setup`](Error::Setup)
    /// when the database is newer than this library, when a table of such a name exists that is not
    /// ours, when the users table cannot be referenced, or when the role may not create tables.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{SeaOrmStore, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    ///
    /// store.migrate(&Users::Unchecked).await?;
    /// store.migrate(&Users::Unchecked).await?; // nothing left to do
    /// # Ok(())
    /// # }
    /// ```
    pub async fn migrate(&self, users: &Users) -> Result<()> {
        let mut migrator = Migrator::new(self.tables.clone(), users.clone());
        if self.fence.is_some() {
            migrator = migrator.with_row_security();
        }
        let plain = self.connection.plain();
        let applied = migrator.up(plain.connection()).await;
        plain.end().await;
        applied.map(|_| ()).map_err(|error| match error {
            MigrateError::LockTimeout => Error::Busy(Cause::new(error.to_string())),
            error => Error::setup(error.to_string()),
        })
    }

    /// Closes the connections, once the calls under way have ended.
    ///
    /// A process may also just end: whatever was acknowledged is stored. But an SQLite file is whole
    /// in itself only when it was closed; until then the newest messages may be in the `-wal` file
    /// beside it. Copy it with `VACUUM INTO` while it is open.
    ///
    /// # Errors
    ///
    /// Only those of the database.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::SeaOrmStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    ///
    /// store.close().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(self) -> Result<()> {
        self.connection.shut().await.map_err(|error| translate(&error, Access::Read))
    }

    /// Asks the database whether it is fit: version, tables, rights, durability, poolers.
    ///
    /// # Errors
    ///
    /// Those of [`Preflight::of`]. What is found is in the report, which
    /// [`check`](Preflight::check) turns into an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{SeaOrmStore, Users, preflight::Schema};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Managed).await?;
    ///
    /// let report = store.preflight().await?;
    ///
    /// report.check()?;
    /// assert_eq!(report.schema, Schema::Current);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn preflight(&self) -> Result<Preflight> {
        let plain = self.connection.plain();
        let report = self.examined(plain.connection()).await;
        plain.end().await;
        report
    }

    async fn examined(&self, connection: &DatabaseConnection) -> Result<Preflight> {
        let (conversations, messages) = (self.tables.conversations(), self.tables.messages());
        let mut report = Preflight::of(connection, &[&conversations, &messages]).await?;
        report.schema = self.schema(connection, report.schema).await;
        report.names_owner = Some(self.fence.is_some());
        Ok(report)
    }

    /// What the record of migrations adds to whether the tables are there.
    ///
    /// There is no record when a host's own migrator has applied our list, and a role for serving
    /// may have no right to read it: neither says anything about the tables.
    async fn schema(&self, connection: &DatabaseConnection, tables: Schema) -> Schema {
        let migrator = Migrator::new(self.tables.clone(), Users::Unchecked);
        match migrator.status(connection).await {
            Ok(status) if status.is_newer() => Schema::Newer,
            Ok(status) if tables == Schema::Present && status.is_current() => Schema::Current,
            Ok(status) if tables == Schema::Present && !status.applied.is_empty() => {
                Schema::Pending
            }
            _ => tables,
        }
    }
}

/// What whoever opens the store may be about to change, or may not need.
const fn may_be_mended_later(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::TablesMissing
            | Problem::MigrationsPending
            | Problem::PrivilegesMissing(_)
            | Problem::ReadOnly
            | Problem::OwnerNotNamed
    )
}
