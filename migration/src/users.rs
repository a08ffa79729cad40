//! How owners are anchored.

use crate::{
    dialect::Dialect,
    error::{MigrateError, Result},
    name::{MAX_FOREIGN, checked, qualified, quoted},
};

/// Which table the owner of a conversation refers to. There is no default: it is a decision.
///
/// It is made once, when the tables are created; a later [`up`](crate::Migrator::up) refuses another.
///
/// # Examples
///
/// ```
/// use scrollback_migration::Users;
///
/// let users = Users::existing("auth.accounts", "id");
///
/// assert_ne!(users, Users::Managed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Users {
    /// The host's own table. Deleting a user there deletes the user's conversations.
    ///
    /// Names are taken as they are, upper case and all; a table without a schema is looked up in
    /// PostgreSQL's `search_path`.
    Existing {
        /// The table, or `schema.table` on PostgreSQL.
        table: String,
        /// Its key: an integer that is `PRIMARY KEY` or `UNIQUE`.
        column: String,
    },

    /// A table of ours that gives every subject, the host's name for a user, an id.
    Managed,

    /// No table: the host vouches for its ids, and erases its users by itself.
    Unchecked,
}

impl Users {
    /// The host's own `table` (or `schema.table`), whose users are told apart by `column`.
    pub fn existing(table: impl Into<String>, column: impl Into<String>) -> Self {
        Self::Existing { table: table.into(), column: column.into() }
    }

    /// Checks the names of the host's table for `dialect`.
    pub(crate) fn check(&self, dialect: Dialect) -> Result<()> {
        let Self::Existing { table, column } = self else { return Ok(()) };
        let (schema, table) = split(table);
        checked("the column of the existing users table", column, MAX_FOREIGN)?;
        checked("the existing users table", table, MAX_FOREIGN)?;
        let Some(schema) = schema else { return Ok(()) };
        checked("the schema of the existing users table", schema, MAX_FOREIGN)?;
        match dialect {
            Dialect::Postgres => Ok(()),
            Dialect::Sqlite => Err(MigrateError::Name {
                what: "the existing users table",
                reason: "has a schema, which SQLite does not know",
            }),
        }
    }

    /// The referenced table and column as they are written in SQL; `managed` is ours.
    pub(crate) fn reference(&self, managed: String) -> Option<(String, String)> {
        match self {
            Self::Existing { table, column } => {
                let (schema, table) = split(table);
                Some((qualified(schema, table), quoted(column)))
            }
            Self::Managed => Some((managed, quoted("id"))),
            Self::Unchecked => None,
        }
    }

    /// As the binary takes it, after `existing:` where that is meant.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Existing { table, column } => format!("{table}.{column}"),
            Self::Managed => "managed".to_owned(),
            Self::Unchecked => "unchecked".to_owned(),
        }
    }
}

/// Splits at the first dot: a schema whose name holds a dot cannot be given.
pub(crate) fn split(table: &str) -> (Option<&str>, &str) {
    match table.split_once('.') {
        Some((schema, table)) => (Some(schema), table),
        None => (None, table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_an_existing_table_are_quoted() {
        let users = Users::existing("auth.we\"ird", "Id");

        let reference = users.reference(String::new()).unwrap();

        assert_eq!(reference, (r#""auth"."we""ird""#.to_owned(), r#""Id""#.to_owned()));
    }

    #[test]
    fn sqlite_refuses_a_schema_of_the_existing_table() {
        let users = Users::existing("auth.users", "id");

        assert!(users.check(Dialect::Postgres).is_ok());
        assert!(users.check(Dialect::Sqlite).is_err());
    }
}
