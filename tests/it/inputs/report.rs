//! The figures of a run.

use std::{collections::BTreeMap, fs};

use scrollback_proof::{F17, I11, I12, T13, Trial};

/// What became of one input.
pub(super) struct Outcome {
    pub(super) class: &'static str,
    /// `accepted`, or why not.
    pub(super) verdict: String,
    /// What is wrong with that.
    pub(super) fault: Option<String>,
}

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wrong {
    Panic,
    /// `Internal`, or another error that no input may bring.
    Error,
    Differs,
    Altered,
    Unreadable,
    /// A type accepts or refuses otherwise than its limit says.
    Limit,
}

impl Wrong {
    const fn text(self) -> &'static str {
        match self {
            Self::Panic => "panics",
            Self::Error => "errors that no input may bring",
            Self::Differs => "verdicts that differ between stores",
            Self::Altered => "read back otherwise than sent",
            Self::Unreadable => "accepted and not readable",
            Self::Limit => "types that contradict their limit",
        }
    }
}

/// Faults beyond these are counted only.
const MOST_SHOWN: usize = 20;

const EVERYTHING: [Wrong; 6] =
    [Wrong::Panic, Wrong::Error, Wrong::Differs, Wrong::Altered, Wrong::Unreadable, Wrong::Limit];

#[derive(Default)]
pub(super) struct Report {
    pub(super) seed: u64,
    /// Inputs that were tried on the types alone.
    pub(super) values: u64,
    /// Inputs that were sent to each of the stores.
    pub(super) scripts: u64,
    pub(super) stores: Vec<&'static str>,
    /// By class and verdict.
    pub(super) verdicts: BTreeMap<(&'static str, String), u64>,
    pub(super) wrong: BTreeMap<Wrong, u64>,
    pub(super) shown: Vec<String>,
    /// How often something that was accepted was compared with what was sent.
    pub(super) compared: u64,
}

impl Report {
    pub(super) fn count(&mut self, class: &'static str, verdict: &str) {
        // What was accepted is counted, not quoted.
        let verdict = if verdict.starts_with("accepted") { "accepted" } else { verdict };
        *self.verdicts.entry((class, verdict.to_owned())).or_default() += 1;
    }

    pub(super) fn fault(&mut self, case: u64, wrong: Wrong, text: &str) {
        *self.wrong.entry(wrong).or_default() += 1;
        if self.shown.len() < MOST_SHOWN {
            let text: String = text.chars().take(1_000).collect();
            self.shown.push(format!("case {case}: {text}"));
        }
    }

    pub(super) fn has(&self, wrong: Wrong) -> u64 {
        self.wrong.get(&wrong).copied().unwrap_or_default()
    }

    /// Writes down what was found.
    pub(super) fn record(&self) {
        let cases = self.values + self.scripts;
        for row in [F17, T13] {
            self.trial(Trial::of(row, "bad and odd inputs").times(cases), &EVERYTHING)
                .figure("on the types alone", self.values)
                .figure("by several calls on each store", self.scripts)
                .figure("stores", self.stores.join(", "))
                .figure("accepted and refused, by class", self.by_class())
                .figure("peak memory of the process of all tests", peak_rss())
                .record();
        }
        let read = Trial::of(I11, "comparisons of what was accepted with what was sent");
        self.trial(read.times(self.compared), &[Wrong::Altered, Wrong::Differs]).record();
        let read = Trial::of(I12, "odd inputs sent to each store, and read");
        self.trial(read.times(self.scripts), &[Wrong::Unreadable, Wrong::Error]).record();
    }

    fn trial(&self, trial: Trial, wrong: &[Wrong]) -> Trial {
        let told = wrong.iter().fold(trial, |trial, it| trial.wrong(it.text(), self.has(*it)));
        told.seed(self.seed)
    }

    /// `content 812 and 92, …`
    fn by_class(&self) -> String {
        let mut classes = BTreeMap::<_, (u64, u64)>::new();
        for ((class, verdict), n) in &self.verdicts {
            let (accepted, refused) = classes.entry(class).or_default();
            *(if verdict == "accepted" { accepted } else { refused }) += n;
        }
        let each = classes.iter().map(|(class, (yes, no))| format!("{class} {yes} and {no}"));
        each.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn classes(&self) -> usize {
        let mut classes: Vec<_> = self.verdicts.keys().map(|(class, _)| class).collect();
        classes.dedup();
        classes.len()
    }
}

/// The most memory that this process has had, where the system tells.
fn peak_rss() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown".to_owned(), |peak| peak.trim().to_owned())
}
