//! What writers and readers have to tell when it is over.

use std::{collections::BTreeMap, error::Error as _, time::Duration};

use scrollback::Error;
use scrollback_proof::Trial;

use crate::concurrent::{Fault, History};

#[derive(Default)]
pub(super) struct Told {
    pub(super) history: History,
    /// How often each kind of error was seen, by what was called and the cause.
    pub(super) errors: BTreeMap<String, usize>,
    /// Errors that may not come of this.
    pub(super) wrong_errors: Vec<String>,
    /// What was refused as not applied, and was applied anyway.
    pub(super) contradicted: usize,
    /// Calls that did not end.
    pub(super) hung: usize,
}

impl Told {
    pub(super) fn add(&mut self, other: Self) {
        let Self { history, errors, wrong_errors, contradicted, hung } = other;
        self.history.add(history);
        for (name, times) in errors {
            *self.errors.entry(name).or_default() += times;
        }
        self.wrong_errors.extend(wrong_errors);
        self.contradicted += contradicted;
        self.hung += hung;
    }

    pub(super) fn note(&mut self, call: &str, error: &Error, allowed: bool) {
        let cause = error.source().map(ToString::to_string);
        let name = format!("{call} {}: {}", error.kind(), cause.unwrap_or_default());
        if !allowed {
            self.wrong_errors.push(name.clone());
        }
        *self.errors.entry(name).or_default() += 1;
    }

    /// Errors whose name holds this text.
    pub(super) fn count(&self, text: &str) -> usize {
        self.errors.iter().filter(|(name, _)| name.contains(text)).map(|(_, times)| times).sum()
    }

    /// Turns in doubt: their writer went on to the next without an answer.
    pub(super) fn in_doubt(&self) -> usize {
        self.history.appends.iter().filter(|append| append.answer.is_none()).count()
    }

    /// The trial, with what was found; call it before what is in doubt is sent again.
    pub(super) fn in_trial(&self, trial: Trial) -> Trial {
        let appends = self.history.appends.len();
        let errors: Vec<_> =
            self.errors.iter().map(|(name, times)| format!("{times} × {name}")).collect();
        trial
            .wrong("errors of a wrong kind", self.wrong_errors.len())
            .wrong("refused and applied anyway", self.contradicted)
            .wrong("calls that hung", self.hung)
            .figure("turns acknowledged", appends - self.in_doubt())
            .figure("left in doubt", self.in_doubt())
            .figure("errors", errors.join(", "))
    }

    pub(super) fn assert_clean(&self) {
        let Self { wrong_errors, contradicted, hung, .. } = self;
        assert!(wrong_errors.is_empty(), "{wrong_errors:?}");
        assert_eq!((*contradicted, *hung), (0, 0), "refused and applied anyway, hung");
    }
}

/// The trial, with what the checker has found.
pub(super) fn with_faults(trial: Trial, faults: &[(Fault, String)]) -> Trial {
    let count =
        |wanted: &[Fault]| faults.iter().filter(|(found, _)| wanted.contains(found)).count();
    let named = [Fault::Lost, Fault::Torn, Fault::Doubled];
    trial
        .wrong("acknowledged turns lost", count(&[Fault::Lost]))
        .wrong("torn", count(&[Fault::Torn]))
        .wrong("doubled", count(&[Fault::Doubled]))
        .wrong("other faults of the history", faults.len() - count(&named))
}

/// The middle and the longest of some times.
pub(super) fn median_and_longest(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    format!("median {} ms, longest {} ms", middle.as_millis(), longest.as_millis())
}
