//! Whether a database is what this library expects.

/// What was applied to a database, and what was not.
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
///
/// let status = Migrator::new(Tables::default(), Users::Unchecked).status(&db).await?;
///
/// assert_eq!((status.applied.len(), status.pending.len()), (0, 1));
/// assert_eq!(status.owners, None);
/// assert!(!status.is_current() && !status.is_newer());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The migrations that were applied, oldest first.
    pub applied: Vec<String>,
    /// The migrations that [`up`](crate::Migrator::up) would apply, oldest first.
    pub pending: Vec<String>,
    /// What owners refer to: `managed`, `unchecked`, or the host's table and its column as
    /// `accounts.id`; none while there are no tables.
    pub owners: Option<String>,
    /// The migrations of a later release, which this library does not know.
    pub unknown: Vec<String>,
}

impl Status {
    /// Whether the database is exactly what this library expects.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }

    /// Whether a later release has migrated the database: use that release, or a later one.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        !self.unknown.is_empty()
    }
}
