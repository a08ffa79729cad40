//! What the slices of all rounds come to.

use serde::Serialize;

use super::Spread;
use crate::{
    contender::Group,
    entry::Entry,
    op::{Callers, Cell, Op},
    rounds::Slices,
    slice::Slice,
};

/// A contender in a cell.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) cell: Cell,
    pub(crate) contender: &'static str,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Measured(Box<Summary>),
    /// Why there are no figures.
    Missing(String),
}

/// Medians over the rounds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) per_second: f64,
    pub(crate) cpu_us: f64,
    /// To whom the group compares with, of the same round; none who lacks the operation.
    pub(crate) p50_ratio: Option<Spread>,
    pub(crate) throughput_ratio: Option<Spread>,
    pub(crate) rounds: Vec<Slice>,
}

/// All slices of all groups.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    slices: Slices,
    pub(crate) lines: Vec<Line>,
}

impl Figures {
    /// Adds a group.
    pub(crate) fn add(&mut self, group: Group, entries: &[Entry], slices: Slices) {
        self.slices.extend(slices);
        let mut cells: Vec<_> = self.slices.keys().map(|(cell, _)| *cell).collect();
        cells.retain(|cell| cell.group == group);
        cells.dedup();
        for cell in cells {
            for entry in entries {
                let outcome = self.outcome(cell, entry);
                self.lines.push(Line { cell, contender: entry.name, outcome });
            }
        }
    }

    fn outcome(&self, cell: Cell, entry: &Entry) -> Outcome {
        let summary = self.rounds(cell, entry.name).and_then(|rounds| {
            let base = cell.group.baseline();
            let median = |value: fn(&Slice) -> f64| {
                Spread::of(rounds.iter().map(value)).map(|spread| spread.median)
            };
            Some(Summary {
                p50_us: median(|slice| slice.p50_us)?,
                p99_us: median(|slice| slice.p99_us)?,
                per_second: median(|slice| slice.per_second)?,
                cpu_us: median(|slice| slice.cpu_us)?,
                p50_ratio: self.ratio(cell, entry.name, base, P50),
                throughput_ratio: self.ratio(cell, entry.name, base, THROUGHPUT),
                rounds: rounds.to_vec(),
            })
        });
        match summary {
            Some(summary) => Outcome::Measured(Box::new(summary)),
            None => Outcome::Missing(entry.lacks(cell.op).unwrap_or("not measured").to_owned()),
        }
    }

    /// The paired ratios of two contenders in a cell.
    pub(crate) fn ratio(
        &self,
        cell: Cell,
        of: &'static str,
        to: &'static str,
        value: fn(&Slice) -> f64,
    ) -> Option<Spread> {
        let (of, to) = (self.rounds(cell, of)?, self.rounds(cell, to)?);
        Spread::of(of.iter().zip(to).map(|(of, to)| value(of) / value(to)))
    }

    /// The paired ratios of two cells of one contender.
    pub(crate) fn scaling(
        &self,
        name: &'static str,
        op: Op,
        [of, to]: [Callers; 2],
    ) -> Option<Spread> {
        let cell = |callers| Cell { group: Group::Memory, op, callers };
        let (of, to) = (self.rounds(cell(of), name)?, self.rounds(cell(to), name)?);
        Spread::of(of.iter().zip(to).map(|(of, to)| of.per_second / to.per_second))
    }

    pub(crate) fn p50(&self, cell: Cell, name: &'static str) -> Option<Spread> {
        Spread::of(self.rounds(cell, name)?.iter().map(P50))
    }

    fn rounds(&self, cell: Cell, name: &'static str) -> Option<&[Slice]> {
        self.slices.get(&(cell, name)).map(Vec::as_slice)
    }
}

pub(crate) const P50: fn(&Slice) -> f64 = |slice| slice.p50_us;
pub(crate) const THROUGHPUT: fn(&Slice) -> f64 = |slice| slice.per_second;
