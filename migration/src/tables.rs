//! What the tables are called.

use crate::{
    dialect::Dialect,
    error::{MigrateError, Result},
    name::{MAX_TABLE, checked, qualified},
};

/// The names of the tables, because hosts already have a `messages` table.
///
/// A name has 1 to 40 bytes and no NUL. Any other character is allowed: names are always quoted.
/// The default names no schema, so that PostgreSQL's `search_path` decides.
///
/// # Examples
///
/// ```
/// use scrollback_migration::Tables;
///
/// let tables = Tables::default().with_schema("chat")?.with_prefix("bot_")?;
///
/// assert_eq!(tables.messages(), r#""chat"."bot_messages""#);
/// assert!(Tables::default().with_users("").is_err());
/// # Ok::<_, scrollback_migration::MigrateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    schema: Option<String>,
    users: String,
    conversations: String,
    messages: String,
    migrations: String,
}

/// One of the four tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Users,
    Conversations,
    Messages,
    Migrations,
}

impl Tables {
    /// Puts the tables in a schema of PostgreSQL, which `up` creates when it is missing.
    ///
    /// # Errors
    ///
    /// [`MigrateError::Name`] when the name is empty, longer than 40 bytes or contains NUL.
    pub fn with_schema(mut self, name: impl Into<String>) -> Result<Self> {
        self.schema = Some(checked("the schema", name, MAX_TABLE)?);
        Ok(self)
    }

    /// Names the table of [`Users::Managed`](crate::Users::Managed); `users` otherwise.
    ///
    /// # Errors
    ///
    /// As [`with_schema`](Self::with_schema).
    pub fn with_users(mut self, name: impl Into<String>) -> Result<Self> {
        self.users = checked("the users table", name, MAX_TABLE)?;
        Ok(self)
    }

    /// Names the table of conversations; `conversations` otherwise.
    ///
    /// # Errors
    ///
    /// As [`with_schema`](Self::with_schema).
    pub fn with_conversations(mut self, name: impl Into<String>) -> Result<Self> {
        self.conversations = checked("the conversations table", name, MAX_TABLE)?;
        Ok(self)
    }

    /// Names the table of messages; `messages` otherwise.
    ///
    /// # Errors
    ///
    /// As [`with_schema`](Self::with_schema).
    pub fn with_messages(mut self, name: impl Into<String>) -> Result<Self> {
        self.messages = checked("the messages table", name, MAX_TABLE)?;
        Ok(self)
    }

    /// Names the table that records what was applied; `scrollback_migrations` otherwise.
    ///
    /// A host that appends [`Migrator::migrations`](crate::Migrator::migrations) to its own migrator
    /// names its `seaql_migrations` here, so that [`status`](crate::Migrator::status) looks there.
    ///
    /// # Errors
    ///
    /// As [`with_schema`](Self::with_schema).
    pub fn with_migrations(mut self, name: impl Into<String>) -> Result<Self> {
        self.migrations = checked("the migrations table", name, MAX_TABLE)?;
        Ok(self)
    }

    /// Puts `prefix` before the present names of all four tables.
    ///
    /// # Errors
    ///
    /// As [`with_schema`](Self::with_schema), for each of the names that result.
    pub fn with_prefix(self, prefix: &str) -> Result<Self> {
        let Self { schema, users, conversations, messages, migrations } = self;
        Self { schema, ..Self::default() }
            .with_users(format!("{prefix}{users}"))?
            .with_conversations(format!("{prefix}{conversations}"))?
            .with_messages(format!("{prefix}{messages}"))?
            .with_migrations(format!("{prefix}{migrations}"))
    }

    /// The users table as it is written in SQL: quoted, and in its schema if that was given.
    #[must_use]
    pub fn users(&self) -> String {
        self.sql(Table::Users)
    }

    /// The conversations table as it is written in SQL.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback_migration::Tables;
    ///
    /// assert_eq!(Tables::default().conversations(), r#""conversations""#);
    /// ```
    #[must_use]
    pub fn conversations(&self) -> String {
        self.sql(Table::Conversations)
    }

    /// The messages table as it is written in SQL.
    #[must_use]
    pub fn messages(&self) -> String {
        self.sql(Table::Messages)
    }

    /// The table that records what was applied, as it is written in SQL.
    #[must_use]
    pub fn migrations(&self) -> String {
        self.sql(Table::Migrations)
    }

    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    pub(crate) fn name(&self, table: Table) -> &str {
        match table {
            Table::Users => &self.users,
            Table::Conversations => &self.conversations,
            Table::Messages => &self.messages,
            Table::Migrations => &self.migrations,
        }
    }

    pub(crate) fn sql(&self, table: Table) -> String {
        qualified(self.schema(), self.name(table))
    }

    /// Checks what only holds for the names together, or for one of the databases.
    pub(crate) fn check(&self, dialect: Dialect) -> Result<()> {
        let Self { schema, users, conversations, messages, migrations } = self;
        let names = [users, conversations, messages, migrations];
        for (i, name) in names.iter().enumerate() {
            if names[..i].iter().any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(MigrateError::Name {
                    what: "a table",
                    reason: "is named like another",
                });
            }
        }
        if dialect == Dialect::Postgres {
            return Ok(());
        }
        let reserved = |name: &str| name.to_ascii_lowercase().starts_with("sqlite_");
        let refused = |what, reason| Err(MigrateError::Name { what, reason });
        match schema {
            Some(_) => refused("the schema", "cannot be used: SQLite has no schemas, use a prefix"),
            None if names.iter().any(|name| reserved(name)) => {
                refused("a table", "is named like SQLite's own")
            }
            None => Ok(()),
        }
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            schema: None,
            users: "users".to_owned(),
            conversations: "conversations".to_owned(),
            messages: "messages".to_owned(),
            migrations: "scrollback_migrations".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_goes_before_all_four_names() {
        let tables = Tables::default().with_prefix("chat_").unwrap();

        assert_eq!(
            [tables.users(), tables.conversations(), tables.messages(), tables.migrations()],
            ["chat_users", "chat_conversations", "chat_messages", "chat_scrollback_migrations"]
                .map(|name| format!("\"{name}\""))
        );
    }

    #[test]
    fn two_tables_of_one_name_are_refused() {
        let tables = Tables::default().with_users("Messages").unwrap();

        assert!(tables.check(Dialect::Postgres).is_err());
    }

    #[test]
    fn names_of_sqlites_own_are_refused_there() {
        let tables = Tables::default().with_prefix("SQLite_").unwrap();

        assert!(tables.check(Dialect::Postgres).is_ok());
        assert!(tables.check(Dialect::Sqlite).is_err());
    }
}
