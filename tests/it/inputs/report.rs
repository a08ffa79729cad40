//! The figures of a run.

use std::{collections::BTreeMap, fmt, fs};

/// What became of one input.
pub(super) struct Outcome {
    pub(super) class: &'static str,
    /// `accepted`, or why not.
    pub(super) verdict: String,
    /// What is wrong with that.
    pub(super) fault: Option<String>,
}

/// Faults beyond these are counted only.
const MOST_SHOWN: usize = 20;

#[derive(Default)]
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) seconds: u64,
    /// Inputs that were tried on the types alone.
    pub(super) values: u64,
    /// Inputs that were sent to each of the stores.
    pub(super) scripts: u64,
    pub(super) stores: Vec<&'static str>,
    /// By class and verdict.
    pub(super) verdicts: BTreeMap<(&'static str, String), u64>,
    pub(super) faults: u64,
    pub(super) shown: Vec<String>,
}

impl Report {
    pub(super) fn count(&mut self, class: &'static str, verdict: &str) {
        // What was accepted is counted, not quoted.
        let verdict = if verdict.starts_with("accepted") { "accepted" } else { verdict };
        *self.verdicts.entry((class, verdict.to_owned())).or_default() += 1;
    }

    pub(super) fn fault(&mut self, case: u64, text: &str) {
        self.faults += 1;
        if self.shown.len() < MOST_SHOWN {
            let text: String = text.chars().take(1_000).collect();
            self.shown.push(format!("case {case}: {text}"));
        }
    }

    pub(super) fn classes(&self) -> usize {
        let mut classes: Vec<_> = self.verdicts.keys().map(|(class, _)| class).collect();
        classes.dedup();
        classes.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, seconds, values, scripts, stores, verdicts, faults, shown } = self;
        writeln!(f, "seed        {seed}")?;
        writeln!(f, "seconds     {seconds}")?;
        writeln!(f, "cases       {}", values + scripts)?;
        writeln!(f, "  on types  {values}")?;
        writeln!(f, "  on stores {scripts}, each with several calls on {}", stores.join(", "))?;
        writeln!(f, "peak RSS    {}", peak_rss())?;
        writeln!(f, "faults      {faults}")?;
        shown.iter().try_for_each(|fault| writeln!(f, "  {fault}"))?;
        verdicts
            .iter()
            .try_for_each(|((class, verdict), n)| writeln!(f, "{n:>9}   {class:<22}{verdict}"))
    }
}

/// The most memory that this process has had, where the system tells.
fn peak_rss() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown".to_owned(), |peak| peak.trim().to_owned())
}
