//! Why a migration did not run.

/// What every call of this crate returns.
pub type Result<T, E = MigrateError> = std::result::Result<T, E>;

/// Why a migration did not run. Nothing was changed: a run is one transaction.
///
/// No variant carries credentials or data: failures of the database are reduced to their kind and
/// their SQLSTATE.
///
/// # Examples
///
/// ```
/// use scrollback_migration::{MigrateError, Tables};
///
/// let error = Tables::default().with_schema("").unwrap_err();
///
/// assert!(matches!(error, MigrateError::Name { .. }));
/// assert_eq!(error.to_string(), "the schema is empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// A name that cannot be used.
    #[error("{what} {reason}")]
    #[non_exhaustive]
    Name {
        /// Whose name it is.
        what: &'static str,
        /// What is wrong with it, to be read after `what`.
        reason: &'static str,
    },

    /// A later release of this library has migrated the database.
    #[error("the database is newer than this library ({version}): upgrade scrollback")]
    #[non_exhaustive]
    Newer {
        /// The first migration that this library does not know.
        version: String,
    },

    /// Another session holds a lock that the migration needs.
    #[error(
        "another session holds a lock that the migration needs: try again when it has finished"
    )]
    LockTimeout,

    /// A table that is not ours stands where one of ours would be made.
    #[error(
        "{table} cannot be made, for something of that name, or of a name derived from it, exists \
         already and is not ours: choose other names, for example a prefix or a schema"
    )]
    #[non_exhaustive]
    AlreadyExists {
        /// The table as it would be written in SQL.
        table: String,
    },

    /// The host's users table cannot be referenced.
    #[error("the users table {table} with the column {column} cannot be referenced: {reason}")]
    #[non_exhaustive]
    UsersTable {
        /// The table as it is written in SQL.
        table: String,
        /// The column as it is written in SQL.
        column: String,
        /// What keeps it from being referenced.
        reason: &'static str,
    },

    /// The tables exist, and their owners refer to something else than is asked for.
    #[error(
        "the tables at hand were made with the users choice {found}, and {asked} is asked for: ask for \
         {found}, or begin anew with other names"
    )]
    #[non_exhaustive]
    UsersDiffer {
        /// The choice that was made: `managed`, `unchecked`, or the table and its column.
        found: String,
        /// The choice that is made now, in the same words.
        asked: String,
    },

    /// Row level security was asked for on SQLite, which has none.
    #[error("row level security is PostgreSQL's: SQLite has none, leave it out there")]
    RowSecurity,

    /// The role may not do what the call needs.
    #[error("the role lacks privileges: GRANT {} to it", .lacking.join(", "))]
    #[non_exhaustive]
    PrivilegesMissing {
        /// What to grant, each as `CREATE ON SCHEMA "chat"`.
        lacking: Vec<String>,
    },

    /// Neither PostgreSQL nor SQLite.
    #[error("only PostgreSQL and SQLite can be migrated")]
    Unsupported,

    /// Any other failure of the database.
    #[error("the database failed: {cause}")]
    #[non_exhaustive]
    Database {
        /// Its kind, with the SQLSTATE if there is one.
        cause: String,
    },
}

impl MigrateError {
    pub(crate) fn database(cause: impl Into<String>) -> Self {
        Self::Database { cause: cause.into() }
    }
}
