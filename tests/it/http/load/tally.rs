//! What was answered, how often, and how fast.

use std::{collections::BTreeMap, time::Duration};

use scrollback_proof::Trial;
use serde_json::{Map, Value, json};

/// By operation.
#[derive(Default)]
pub(super) struct Tally {
    counts: BTreeMap<&'static str, Counts>,
    took: Duration,
}

#[derive(Default)]
struct Counts {
    /// By status; 0 is a connection that was closed instead.
    answers: BTreeMap<u16, usize>,
    /// Of what succeeded.
    latencies: Vec<Duration>,
}

impl Tally {
    pub(super) fn count(&mut self, operation: &'static str, status: u16, took: Duration) {
        let counts = self.counts.entry(operation).or_default();
        *counts.answers.entry(status).or_default() += 1;
        if (200..300).contains(&status) {
            counts.latencies.push(took);
        }
    }

    /// All together, sorted.
    pub(super) fn sum(tallies: impl IntoIterator<Item = Self>, took: Duration) -> Self {
        let mut sum = Self { took, ..Self::default() };
        for (operation, counts) in tallies.into_iter().flat_map(|tally| tally.counts) {
            let all = sum.counts.entry(operation).or_default();
            for (status, times) in counts.answers {
                *all.answers.entry(status).or_default() += times;
            }
            all.latencies.extend(counts.latencies);
        }
        sum.counts.values_mut().for_each(|counts| counts.latencies.sort_unstable());
        sum
    }

    /// How many have succeeded.
    pub(super) fn operations(&self) -> usize {
        self.counts.values().map(|counts| counts.latencies.len()).sum()
    }

    pub(super) fn figures(&self, trial: Trial) -> Trial {
        let mut answers = BTreeMap::<u16, usize>::new();
        for (status, times) in self.counts.values().flat_map(|counts| &counts.answers) {
            *answers.entry(*status).or_default() += times;
        }
        let answers: Vec<_> =
            answers.iter().map(|(status, times)| format!("{times} of {status}")).collect();
        let trial = trial.figure("answers", answers.join(", "));
        match self.counts.get("message") {
            Some(said) => trial.figure(
                "exchange, half and 99 of 100 within",
                format!("{} and {} ms", said.within(50), said.within(99)),
            ),
            None => trial,
        }
    }

    pub(super) fn report(&self, connections: usize) -> Value {
        let operations = self.counts.iter().map(|(operation, counts)| {
            let answers = counts.answers.iter();
            let answers: Map<_, _> =
                answers.map(|(status, times)| (status.to_string(), json!(times))).collect();
            let (p50, p99) = (counts.within(50), counts.within(99));
            let told = json!({ "answers": answers, "p50_ms": p50, "p99_ms": p99 });
            ((*operation).to_owned(), told)
        });
        let operations: Map<_, _> = operations.collect();
        let (seconds, done) = (self.took.as_secs_f64(), self.operations());
        json!({ "connections": connections, "seconds": seconds, "done": done, "operations": operations })
    }
}

impl Counts {
    /// So many of a hundred that succeeded took no longer, in milliseconds.
    fn within(&self, percent: usize) -> u128 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(last * percent / 100).map_or(0, Duration::as_millis)
    }
}
