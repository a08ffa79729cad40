//! A temporary folder of a test's own.

use std::path::Path;

use tempfile::TempDir;

/// Removed, with what is in it, when it is dropped.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn create() -> Self {
        Self(tempfile::tempdir().expect("the folder for temporary files can be written"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The URL of an SQLite file in this folder.
    pub(crate) fn url(&self, file: &str) -> String {
        format!("sqlite://{}", self.path().join(file).display())
    }
}
