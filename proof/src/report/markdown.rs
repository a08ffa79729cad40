//! The report as people read it.

use std::fmt::{self, Write};

use super::{Report, Summary, machine::Machine};
use crate::entry::Entry;

const PREFACE: &str = "\
Threats (T), faults (F) and invariants (I): what was tried against each promise of this crate, how
often, and what was found. Everything below was written by the tests themselves; nothing was typed.

A promise is *passed* when something was tried, nothing went wrong, and every defect that was seeded
to see whether its tests can fail was caught. *Not run* has its reason beside it. A killed process
keeps the page cache of the system, so killing proves nothing about `fsync`.
";

pub(super) fn write(report: &Report, f: &mut dyn Write) -> fmt::Result {
    writeln!(
        f,
        "# Proof\n\n<!-- Written from what tests wrote down: run scripts/prove instead of editing. -->\n"
    )?;
    writeln!(f, "{PREFACE}")?;
    writeln!(f, "**{}.**\n", report.counts())?;
    conditions(report, f)?;
    table(&report.rows, f)?;
    report.rows.iter().try_for_each(|row| details(row, f))
}

fn conditions(report: &Report, f: &mut dyn Write) -> fmt::Result {
    let Machine { processor, processors, memory, system, versions } = &report.machine;
    writeln!(f, "* {}", report.date)?;
    report.runs.iter().try_for_each(|run| line(run, f))?;
    writeln!(f, "* {system}, {processors} processors ({processor}), {memory} of memory")?;
    let versions: Vec<_> =
        versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    writeln!(f, "* {}\n", versions.join(", "))
}

fn table(rows: &[Summary], f: &mut dyn Write) -> fmt::Result {
    writeln!(f, "| | promise | verdict | defects caught |\n| --- | --- | --- | --- |")?;
    rows.iter().try_for_each(|row| {
        let partly = if row.is_partial() { ", in part" } else { "" };
        let (id, promise, verdict) = (row.id(), row.promise(), row.verdict());
        let (caught, seeded) = (row.caught(), row.seeded());
        writeln!(
            f,
            "| [{id}](#{}) | {promise} | {verdict}{partly} | {caught} of {seeded} |",
            id.to_lowercase()
        )
    })
}

fn details(row: &Summary, f: &mut dyn Write) -> fmt::Result {
    writeln!(f, "\n## {}\n\n{}\n", row.id(), row.promise())?;
    row.entries().iter().try_for_each(|entry| line(entry, f))
}

fn line(entry: &Entry, f: &mut dyn Write) -> fmt::Result {
    match entry {
        Entry::Trial { test, what, times, wrong, figures, seed, .. } => {
            let wrong = wrong.iter().map(|(what, times)| format!("{} {what}", grouped(*times)));
            let figures = figures.iter().map(|(name, value)| format!("{name} {value}"));
            let seed = seed.iter().map(|seed| format!("seed {seed}"));
            let found: Vec<_> = wrong.chain(figures).chain(seed).collect();
            let colon = if found.is_empty() { "" } else { ": " };
            writeln!(f, "* {} {what}{colon}{} (`{test}`)", grouped(*times), found.join(", "))
        }
        Entry::Control { test, defect, caught, seeded, .. } => {
            writeln!(f, "* Seeded: {defect}; {caught} of {seeded} caught (`{test}`)")
        }
        Entry::NotRun { reason, .. } => writeln!(f, "* Not run: {reason}"),
        Entry::Run { what, commit, passed, failed, minutes, success, .. } => {
            let (passed, failed) = (grouped(*passed), grouped(*failed));
            let verdict = if *success { "" } else { " **the run did not pass**" };
            writeln!(
                f,
                "* {what}, commit {commit}: {passed} tests passed, {failed} failed, {minutes} min{verdict}"
            )
        }
        Entry::Skipped { what, reason } => writeln!(f, "* {what}: not run; {reason}"),
        Entry::Version { .. } => Ok(()),
    }
}

/// `1234567` as `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
