//! What tests say about themselves.

use std::fmt::Display;

use crate::{
    entry::{Entry, test},
    row::Row,
};

/// What a test has tried for one row; call it on the thread of the test, whose name it notes.
#[derive(Debug)]
#[must_use = "nothing is written before `record`"]
pub struct Trial {
    row: Row,
    what: String,
    times: u64,
    wrong: Vec<(String, u64)>,
    figures: Vec<(String, String)>,
    seed: Option<u64>,
}

impl Trial {
    /// Something that was tried, in the plural: `calls, cut at every frame boundary`.
    pub fn of(row: Row, what: impl Into<String>) -> Self {
        let (wrong, figures) = (Vec::new(), Vec::new());
        Self { row, what: what.into(), times: 1, wrong, figures, seed: None }
    }

    /// How often; once if it is not said.
    pub fn times(self, times: impl TryInto<u64>) -> Self {
        Self { times: number(times), ..self }
    }

    /// What must not happen, and how often it did: the row fails unless that is 0.
    ///
    /// Record before asserting, so that a failure is in the report too.
    pub fn wrong(mut self, what: &str, times: impl TryInto<u64>) -> Self {
        self.wrong.push((what.to_owned(), number(times)));
        self
    }

    /// Something measured beside it, as a reader should see it.
    pub fn figure(mut self, name: &str, value: impl Display) -> Self {
        self.figures.push((name.to_owned(), value.to_string()));
        self
    }

    /// What repeats the choices of this run.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Writes it down.
    ///
    /// # Panics
    ///
    /// When the file of `SCROLLBACK_PROOF` cannot be written.
    pub fn record(self) {
        let Self { row, what, times, wrong, figures, seed } = self;
        let (row, test) = (row.id.to_owned(), test());
        Entry::Trial { row, test, what, times, wrong, figures, seed }.write();
    }
}

/// So many defects of one kind were seeded for a row, and so many of them noticed.
///
/// # Panics
///
/// When the file of `SCROLLBACK_PROOF` cannot be written.
pub fn control(row: Row, defect: &str, caught: impl TryInto<u64>, seeded: impl TryInto<u64>) {
    let (caught, seeded) = (number(caught), number(seeded));
    let (row, test, defect) = (row.id.to_owned(), test(), defect.to_owned());
    Entry::Control { row, test, defect, caught, seeded }.write();
}

/// Part of a row, or all of it, cannot be tried on this machine.
///
/// # Panics
///
/// When the file of `SCROLLBACK_PROOF` cannot be written.
pub fn not_run(row: Row, reason: impl Into<String>) {
    let (row, test) = (row.id.to_owned(), test());
    Entry::NotRun { row, test, reason: reason.into() }.write();
}

/// What the tests run against, as it names itself.
///
/// # Panics
///
/// When the file of `SCROLLBACK_PROOF` cannot be written.
pub fn version(name: &str, version: impl Display) {
    Entry::Version { name: name.to_owned(), version: version.to_string() }.write();
}

fn number(n: impl TryInto<u64>) -> u64 {
    n.try_into().unwrap_or(u64::MAX)
}
