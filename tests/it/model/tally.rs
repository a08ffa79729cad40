//! What a run has tried and found, by invariant.

use std::collections::BTreeMap;

use scrollback_proof::{Row, Trial};

use super::{answer::Answer, call::Call};

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) sequences: u64,
    /// By method and outcome.
    outcomes: BTreeMap<String, u64>,
    checks: BTreeMap<&'static str, u64>,
    wrong: BTreeMap<&'static str, u64>,
    /// The first thing wrong in this sequence.
    found: Option<String>,
}

impl Tally {
    /// Counts a comparison, and says what was wrong when it was not as it should be.
    pub(super) fn check(&mut self, row: Row, right: bool, wrong: impl FnOnce() -> String) {
        *self.checks.entry(row.id).or_default() += 1;
        if !right {
            *self.wrong.entry(row.id).or_default() += 1;
            self.found.get_or_insert_with(|| format!("{}: {}", row.id, wrong()));
        }
    }

    pub(super) const fn take_found(&mut self) -> Option<String> {
        self.found.take()
    }

    pub(super) fn wrong(&self, row: Row) -> u64 {
        self.wrong.get(row.id).copied().unwrap_or_default()
    }

    pub(super) fn checks(&self, row: Row) -> u64 {
        self.checks.get(row.id).copied().unwrap_or_default()
    }

    pub(super) fn count(&mut self, call: &Call, answer: &Answer) {
        let outcome = format!("{}, {}", call.name(), answer.outcome());
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    /// Writes down what was found for one invariant; `checked` says what was compared.
    pub(super) fn record(&self, row: Row, checked: &str, violated: &str, seed: u64) {
        let calls: u64 = self.outcomes.values().sum();
        Trial::of(row, checked)
            .times(self.checks(row))
            .wrong(violated, self.wrong(row))
            .figure("random sequences", self.sequences)
            .figure("calls on each store", calls)
            .seed(seed)
            .record();
    }

    /// How often what was called and answered.
    pub(super) fn outcomes(&self) -> String {
        self.outcomes.iter().map(|(outcome, n)| format!("{n:>9}   {outcome}\n")).collect()
    }
}
