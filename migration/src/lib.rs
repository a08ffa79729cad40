//! The tables of scrollback.

/// Stub.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tables {}
impl Tables {
    /// x
    #[must_use]
    pub fn users(&self) -> &str {
        "\"users\""
    }
    /// x
    #[must_use]
    pub fn conversations(&self) -> &str {
        "\"conversations\""
    }
    /// x
    #[must_use]
    pub fn messages(&self) -> &str {
        "\"messages\""
    }
}
