//! Names of things in the database: checked once, then always quoted.

use crate::error::{MigrateError, Result};

/// The longest name of a table; what is derived from it stays under PostgreSQL's 63 bytes.
pub(crate) const MAX_TABLE: usize = 40;

/// The longest name that PostgreSQL keeps whole.
pub(crate) const MAX_FOREIGN: usize = 63;

/// Returns `name` when it has 1 to `max` bytes and no NUL; `what` says whose name it is.
pub(crate) fn checked(what: &'static str, name: impl Into<String>, max: usize) -> Result<String> {
    let name = name.into();
    if name.is_empty() {
        return Err(MigrateError::Name { what, reason: "is empty" });
    }
    if name.len() > max {
        return Err(MigrateError::Name { what, reason: "is too long" });
    }
    if name.contains('\0') {
        return Err(MigrateError::Name { what, reason: "contains NUL" });
    }
    Ok(name)
}

/// Writes `name` as a quoted identifier, which both databases read in the same way.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes `name` in `schema`, if there is one.
pub(crate) fn qualified(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_a_name_are_doubled() {
        assert_eq!(qualified(Some("a.b"), "we\"ird"), r#""a.b"."we""ird""#);
    }

    #[test]
    fn names_are_refused_when_empty_too_long_or_with_nul() {
        for name in [String::new(), "x".repeat(41), "a\0b".to_owned()] {
            assert!(checked("users", name, MAX_TABLE).is_err());
        }
        assert!(checked("users", "x".repeat(40), MAX_TABLE).is_ok());
    }
}
