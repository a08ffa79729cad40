//! The judgement on what the tests wrote down.

mod machine;
mod markdown;
mod summary;

use std::fmt::{self, Display};

use chrono::Utc;
use serde::Serialize;

use summary::{Summary, Verdict};

use crate::{entry::Entry, row::ROWS};
use machine::Machine;

/// All rows, each with its evidence and a verdict; printed, it is `PROOF.md`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    date: String,
    runs: Vec<Entry>,
    machine: Machine,
    rows: Vec<Summary>,
}

impl Report {
    /// Judges what the tests wrote.
    #[must_use]
    pub fn new(entries: &[Entry]) -> Self {
        let runs = entries
            .iter()
            .filter(|entry| matches!(entry, Entry::Run { .. } | Entry::Skipped { .. }));
        Self {
            date: Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
            runs: runs.cloned().collect(),
            machine: Machine::here(entries),
            rows: ROWS.iter().map(|row| Summary::of(*row, entries)).collect(),
        }
    }

    /// Whether every row is passed, or not run for a reason, and no test failed.
    #[must_use]
    pub fn holds(&self) -> bool {
        let failed = |run: &Entry| matches!(run, Entry::Run { success: false, .. });
        !self.runs.iter().any(failed) && self.rows.iter().all(|row| row.verdict().holds())
    }

    /// One line, and one for each row that does not hold.
    #[must_use]
    pub fn in_short(&self) -> String {
        let open = self.rows.iter().filter(|row| !row.verdict().holds());
        let open = open.map(|row| format!("\n{}: {}", row.id(), row.verdict()));
        format!("{}{}", self.counts(), open.collect::<String>())
    }

    fn counts(&self) -> String {
        let count = |verdict: fn(&Verdict) -> bool| {
            self.rows.iter().filter(|row| verdict(row.verdict())).count()
        };
        let (caught, seeded) = self
            .rows
            .iter()
            .fold((0, 0), |(caught, seeded), row| (caught + row.caught(), seeded + row.seeded()));
        format!(
            "{} promises: {} passed, {} not run, {} open or failed; {caught} of {seeded} seeded \
             defects caught",
            self.rows.len(),
            count(|verdict| *verdict == Verdict::Passed),
            count(|verdict| *verdict == Verdict::NotRun),
            count(|verdict| !verdict.holds()),
        )
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        markdown::write(self, f)
    }
}
