//! The evidence for one row, and the verdict on it.

use std::fmt;

use serde::Serialize;

use crate::{entry::Entry, row::Row};

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Tried, nothing wrong found, and every seeded defect caught.
    Passed,
    /// It could not be tried here; the reasons are in the summary.
    NotRun,
    /// Nothing was tried and no reason given.
    Open,
    /// Tried, but no defect was seeded: the tests may be blind.
    Uncontrolled,
    /// Something that must not happen did.
    Failed,
    /// Not as many defects were noticed as seeded: one was missed, or something else counted.
    Blind,
}

impl Verdict {
    /// Whether a report with this row may be published.
    pub(super) const fn holds(&self) -> bool {
        matches!(self, Self::Passed | Self::NotRun)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::NotRun => "not run",
            Self::Open => "nothing was tried",
            Self::Uncontrolled => "no defect was seeded",
            Self::Failed => "failed",
            Self::Blind => "not as many defects noticed as seeded",
        })
    }
}

/// All that was written down for one row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Summary {
    id: &'static str,
    promise: &'static str,
    verdict: Verdict,
    entries: Vec<Entry>,
}

impl Summary {
    pub(super) fn of(row: Row, entries: &[Entry]) -> Self {
        let mut entries: Vec<_> =
            entries.iter().filter(|entry| row_of(entry) == Some(row.id)).cloned().collect();
        // Tests end in another order every time; the report has one.
        entries.sort_by_key(|entry| (order(entry), test_of(entry).to_owned()));
        Self { id: row.id, promise: row.promise, verdict: judge(&entries), entries }
    }

    pub(super) const fn id(&self) -> &'static str {
        self.id
    }

    pub(super) const fn promise(&self) -> &'static str {
        self.promise
    }

    pub(super) const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether something of the row could not be tried, though the rest was.
    pub(super) fn is_partial(&self) -> bool {
        self.verdict == Verdict::Passed
            && self.entries.iter().any(|entry| matches!(entry, Entry::NotRun { .. }))
    }

    pub(super) fn caught(&self) -> u64 {
        self.controls().map(|(caught, _)| caught).sum()
    }

    pub(super) fn seeded(&self) -> u64 {
        self.controls().map(|(_, seeded)| seeded).sum()
    }

    fn controls(&self) -> impl Iterator<Item = (u64, u64)> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Control { caught, seeded, .. } => Some((*caught, *seeded)),
            _ => None,
        })
    }
}

fn judge(entries: &[Entry]) -> Verdict {
    let is = |kind: fn(&Entry) -> bool| entries.iter().any(kind);
    let wrong = |entry: &Entry| matches!(entry, Entry::Trial { wrong, .. } if wrong.iter().any(|(_, times)| *times > 0));
    // A trial of nothing shows nothing.
    let tried = |entry: &Entry| matches!(entry, Entry::Trial { times, .. } if *times > 0);
    let blind =
        |entry: &Entry| matches!(entry, Entry::Control { caught, seeded, .. } if caught != seeded);
    let controlled = |entry: &Entry| matches!(entry, Entry::Control { seeded, .. } if *seeded > 0);

    if is(wrong) {
        Verdict::Failed
    } else if is(blind) {
        Verdict::Blind
    } else if !is(tried) {
        let explained = is(|entry| matches!(entry, Entry::NotRun { .. }));
        if explained { Verdict::NotRun } else { Verdict::Open }
    } else if is(controlled) {
        Verdict::Passed
    } else {
        Verdict::Uncontrolled
    }
}

fn row_of(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Trial { row, .. } | Entry::Control { row, .. } | Entry::NotRun { row, .. } => {
            Some(row)
        }
        Entry::Run { row, .. } => row.as_deref(),
        Entry::Skipped { .. } | Entry::Version { .. } => None,
    }
}

fn test_of(entry: &Entry) -> &str {
    match entry {
        Entry::Trial { test, .. } | Entry::Control { test, .. } | Entry::NotRun { test, .. } => {
            test
        }
        Entry::Run { .. } | Entry::Skipped { .. } | Entry::Version { .. } => "",
    }
}

const fn order(entry: &Entry) -> u8 {
    match entry {
        Entry::Trial { .. } => 0,
        Entry::Run { .. } => 1,
        Entry::Control { .. } => 2,
        Entry::NotRun { .. } => 3,
        Entry::Skipped { .. } | Entry::Version { .. } => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::F4;

    fn trial(times: u64, wrong: u64) -> Entry {
        let wrong = vec![("lost".to_owned(), wrong)];
        let (row, test, what) = ("F4".to_owned(), String::new(), String::new());
        Entry::Trial { row, test, what, times, wrong, figures: Vec::new(), seed: None }
    }

    fn control(row: &str, caught: u64) -> Entry {
        let (row, test, defect) = (row.to_owned(), String::new(), String::new());
        Entry::Control { row, test, defect, caught, seeded: 1 }
    }

    fn not_run() -> Entry {
        let text = String::new;
        Entry::NotRun { row: "F4".to_owned(), test: text(), reason: text() }
    }

    #[test]
    fn a_row_passes_when_it_was_tried_and_its_defects_were_caught() {
        for (entries, verdict) in [
            (vec![], Verdict::Open),
            (vec![control("F4", 1)], Verdict::Open),
            (vec![trial(0, 0), control("F4", 1)], Verdict::Open),
            (vec![not_run()], Verdict::NotRun),
            (vec![trial(9, 0)], Verdict::Uncontrolled),
            (vec![trial(9, 0), control("F5", 1)], Verdict::Uncontrolled),
            (vec![trial(9, 0), control("F4", 1)], Verdict::Passed),
            (vec![trial(9, 0), control("F4", 1), not_run()], Verdict::Passed),
            (vec![trial(9, 0), control("F4", 1), control("F4", 0)], Verdict::Blind),
            (vec![trial(9, 0), control("F4", 2)], Verdict::Blind),
            (vec![trial(9, 0), control("F4", 1), trial(9, 1)], Verdict::Failed),
            (vec![not_run(), trial(9, 1)], Verdict::Failed),
        ] {
            assert_eq!(Summary::of(F4, &entries).verdict, verdict, "{entries:?}");
        }
    }
}
