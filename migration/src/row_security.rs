//! The second fence: PostgreSQL itself keeps owners apart.

use sea_orm_migration::sea_orm::DatabaseConnection;

use crate::{
    error::Result,
    migrator::{Migrator, to_the_end},
    run,
};

impl Migrator {
    /// Adds a second fence, on PostgreSQL only: row level security on conversations and messages.
    ///
    /// A statement then sees and changes only rows of the owner that the setting `scrollback.owner`
    /// names in its transaction, and none where nothing does; the owner of the tables is held as
    /// well (`FORCE`), superusers and roles with `BYPASSRLS` are not. The users table is not fenced:
    /// it is asked who somebody is before there is an owner.
    ///
    /// It is a migration of its own, so it can follow the tables at any time, and it stays until
    /// [`down_row_security`](Self::down_row_security): a later [`up`](Self::up) that does not ask for
    /// it leaves it. A store that does not name the owner finds nothing any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback_migration::{MigrateError, Migrator, Tables, Users};
    /// use sea_orm_migration::sea_orm::DbBackend;
    ///
    /// let migrator = Migrator::new(Tables::default(), Users::Managed).with_row_security();
    ///
    /// assert!(migrator.sql(DbBackend::Postgres)?.contains("FORCE ROW LEVEL SECURITY"));
    /// assert_eq!(migrator.sql(DbBackend::Sqlite), Err(MigrateError::RowSecurity));
    /// # Ok::<_, MigrateError>(())
    /// ```
    #[must_use]
    pub const fn with_row_security(mut self) -> Self {
        self.row_security = true;
        self
    }

    /// Takes row level security off again and returns the name of what was reverted; none where it
    /// was not on. All data stays.
    ///
    /// # Errors
    ///
    /// Any [`MigrateError`](crate::MigrateError); nothing was changed.
    /// [`MigrateError::RowSecurity`](crate::MigrateError::RowSecurity) on SQLite.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use scrollback_migration::{Connect, Migrator, Tables, Users};
    ///
    /// # async fn take_it_off() -> Result<(), Box<dyn std::error::Error>> {
    /// let db = Connect::new("postgres://USER:PASSWORD@HOST/DATABASE")?.open().await?;
    ///
    /// Migrator::new(Tables::default(), Users::Managed).down_row_security(&db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn down_row_security(&self, db: &DatabaseConnection) -> Result<Vec<String>> {
        let plan = self.clone().with_row_security().plan(db)?;
        let db = db.clone();
        to_the_end(async move { run::down_row_security(&db, &plan).await }).await
    }
}
