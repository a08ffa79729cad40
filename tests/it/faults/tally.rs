//! What a fault did to many calls, counted.

use std::fmt::Display;

use scrollback::{Error, Result as Answer};
use scrollback_proof::{I8, Row, Trial};

use super::{bench::Side, expected::Expected, scene::Scene};

/// How a call can break its promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The error says what is not so: that nothing was applied, that it may have been, that it is
    /// no matter of trying again.
    Class,
    /// Acknowledged, and not there, or with another answer than the right one.
    Lost,
    /// More is there than the call stores.
    Doubled,
    /// What is there is left by no whole call.
    Torn,
    /// Sent again, it does not come to its end.
    Unsettled,
}

/// One of them, in words.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) wrong: Wrong,
    text: String,
}

impl Flaw {
    pub(super) fn new(wrong: Wrong, text: impl Into<String>) -> Self {
        Self { wrong, text: text.into() }
    }
}

pub(super) type Verdict = Result<(), Flaw>;

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) calls: usize,
    doubt: Doubt,
    flaws: Vec<(String, Flaw)>,
}

/// What became of the calls that ended as `OutcomeUnknown`.
#[derive(Debug, Default)]
struct Doubt {
    calls: usize,
    applied: usize,
    wrong: usize,
}

impl Tally {
    /// Judges the answer of a call and what it has left, and calls again as a host would.
    pub(super) async fn judge(
        &mut self,
        at: &str,
        expected: &Expected,
        answer: &Answer<String>,
        side: &Side,
        scene: &Scene,
    ) {
        let found = scene.state().await;
        let verdicts = [expected.judge(answer, &found), expected.settle(side, scene).await];
        if matches!(answer, Err(Error::OutcomeUnknown(_))) {
            self.doubt.calls += 1;
            self.doubt.applied += usize::from(expected.is_applied(&found));
            self.doubt.wrong += usize::from(verdicts.iter().any(Result::is_err));
        }
        self.calls += 1;
        for verdict in verdicts {
            self.note(at, verdict);
        }
    }

    pub(super) fn note(&mut self, at: impl Display, verdict: Verdict) {
        self.flaws.extend(verdict.err().map(|flaw| (at.to_string(), flaw)));
    }

    pub(super) fn add(&mut self, other: Self) {
        let Self { calls, doubt, flaws } = other;
        self.calls += calls;
        self.doubt.calls += doubt.calls;
        self.doubt.applied += doubt.applied;
        self.doubt.wrong += doubt.wrong;
        self.flaws.extend(flaws);
    }

    pub(super) fn count(&self, wrong: Wrong) -> usize {
        self.flaws.iter().filter(|(_, flaw)| flaw.wrong == wrong).count()
    }

    /// The calls, and how often each promise was broken.
    pub(super) fn trial(&self, row: Row, what: &str) -> Trial {
        Trial::of(row, what)
            .times(self.calls)
            .wrong("wrong class of error", self.count(Wrong::Class))
            .wrong("acknowledged and lost, or another answer", self.count(Wrong::Lost))
            .wrong("doubled", self.count(Wrong::Doubled))
            .wrong("torn", self.count(Wrong::Torn))
            .wrong("not settled by a repetition", self.count(Wrong::Unsettled))
            .figure("`OutcomeUnknown`", self.doubt.calls)
    }

    /// What became of those in doubt, with an answer of `OutcomeUnknown` as the thing tried.
    pub(super) fn record_doubt(&self, fault: &str) {
        let Doubt { calls, applied, wrong } = self.doubt;
        Trial::of(I8, format!("calls in doubt after {fault}, each sent again"))
            .times(calls)
            .wrong("neither applied once nor never, or not settled", wrong)
            .figure("applied", applied)
            .figure("not applied", calls - applied)
            .record();
    }

    pub(super) fn assert_right(&self) {
        let flaws =
            self.flaws.iter().map(|(at, Flaw { wrong, text })| format!("{at}: {wrong:?}: {text}"));
        assert!(self.flaws.is_empty(), "{:#?}", flaws.collect::<Vec<_>>());
    }
}
