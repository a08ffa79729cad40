//! What the tests write down, one line of JSON each.

use std::{
    env, fs,
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
};

use serde::{Deserialize, Serialize};

/// One line of the file that `SCROLLBACK_PROOF` names.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Entry {
    /// Something was tried.
    Trial {
        /// The row that it is for: `F4`.
        row: String,
        /// The test that did it.
        test: String,
        /// What was tried.
        what: String,
        /// How often.
        times: u64,
        /// What must not happen, and how often it did.
        wrong: Vec<(String, u64)>,
        /// What was measured beside it.
        figures: Vec<(String, String)>,
        /// What repeats the choices of the run.
        seed: Option<u64>,
    },
    /// A defect was seeded, to see whether the tests notice.
    Control {
        /// The row whose tests must notice.
        row: String,
        /// The test that seeded it.
        test: String,
        /// What was broken.
        defect: String,
        /// How many were noticed.
        caught: u64,
        /// Of how many.
        seeded: u64,
    },
    /// Something cannot be tried here.
    NotRun {
        /// The row that lacks it.
        row: String,
        /// The test that could not run.
        test: String,
        /// Why.
        reason: String,
    },
    /// All tests were run.
    Run {
        /// Which form, and on what.
        what: String,
        /// What was tested, marked when files had been changed since.
        commit: String,
        /// The row that this run is evidence for.
        row: Option<String>,
        /// How many tests passed.
        passed: u64,
        /// How many failed.
        failed: u64,
        /// How long it took.
        minutes: u64,
        /// Whether it ended as it should.
        success: bool,
    },
    /// A run that was left out.
    Skipped {
        /// Which form, and on what.
        what: String,
        /// Why.
        reason: String,
    },
    /// What the tests ran against.
    Version {
        /// `PostgreSQL`
        name: String,
        /// `18.6`
        version: String,
    },
}

impl Entry {
    /// Appends the line, where a file is asked for.
    ///
    /// # Panics
    ///
    /// When the file cannot be written: evidence must not be lost in silence.
    pub(crate) fn write(&self) {
        let Some(path) = env::var_os("SCROLLBACK_PROOF") else { return };
        self.write_to(Path::new(&path));
    }

    pub(crate) fn write_to(&self, path: &Path) {
        let mut line = serde_json::to_string(self).expect("an entry is plain data");
        line.push('\n');
        // One write to a file opened for appending: lines of several processes do not mix.
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap_or_else(|error| panic!("{path:?} cannot be written: {error}"));
    }
}

/// All entries of the files, in the order in which they were written.
///
/// # Errors
///
/// When a file cannot be read, or holds something else.
pub fn read(paths: &[PathBuf]) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in paths {
        for line in fs::read_to_string(path)?.lines() {
            entries.push(serde_json::from_str(line)?);
        }
    }
    Ok(entries)
}

/// The name of the test that runs on this thread.
pub(crate) fn test() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}
