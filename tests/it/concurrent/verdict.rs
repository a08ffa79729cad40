//! What a history is evidence for.

use std::collections::BTreeMap;

use scrollback_proof::{F14, I3, I4, I5, I6, I7, I9, Row, Trial};

use super::{Fault, History, Lists, check};

/// How many of something a history holds.
type Size = fn(&History, &Lists) -> usize;

/// Each invariant, how many of what it was checked on, and the faults that would break it.
const EVIDENCE: &[(Row, &str, Size, &[Fault])] = &[
    (I3, "messages of concurrent turns", messages, &[Fault::Gap]),
    (I4, "pages and counts read while others appended", reads, &[Fault::Stale, Fault::Early]),
    (I5, "turns appended by many at once", appends, &[Fault::Swapped]),
    (I6, "pages and counts read while others appended", reads, &[Fault::Torn, Fault::HalfATurn]),
    (
        I7,
        "turns appended by many at once",
        appends,
        &[Fault::Doubled, Fault::Lost, Fault::Invented],
    ),
    (I9, "pages and counts read while others appended", reads, &[Fault::NotARange]),
];

fn messages(_: &History, lists: &Lists) -> usize {
    lists.iter().map(Vec::len).sum()
}

fn reads(history: &History, _: &Lists) -> usize {
    history.reads.len() + history.counts.len()
}

fn appends(history: &History, _: &Lists) -> usize {
    history.appends.len()
}

/// Writes down what a history holds, and fails when anything is wrong with it.
pub(super) fn verify(name: &str, history: &History, lists: &Lists, seed: u64, seconds: f64) {
    let faults = check(history, lists);
    let mut counted = BTreeMap::<Fault, usize>::new();
    for (fault, _) in &faults {
        *counted.entry(*fault).or_default() += 1;
    }
    let count = |fault: &Fault| counted.get(fault).copied().unwrap_or_default();

    load(name, history, lists, seconds, count).seed(seed).record();
    for (row, what, size, broken_by) in EVIDENCE {
        let trial = Trial::of(*row, format!("{what}, {name}")).times(size(history, lists));
        let trial = broken_by.iter().fold(trial, |trial, it| trial.wrong(it.text(), count(it)));
        trial.seed(seed).record();
    }
    let (reads, counts) = (history.reads.len(), history.counts.len());
    assert!(reads > 100 && counts > 100, "too few readers to prove anything");
    assert!(faults.is_empty(), "seed {seed}: {:#?}", &faults[..faults.len().min(20)]);
}

fn load(
    name: &str,
    history: &History,
    lists: &Lists,
    seconds: f64,
    count: impl Fn(&Fault) -> usize,
) -> Trial {
    let mut waits = history.waits.clone();
    waits.sort_unstable();
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or_default();
    let trial = Trial::of(F14, format!("turns appended beside readers and pagers, {name}"))
        .times(history.appends.len());
    Fault::ALL
        .iter()
        .fold(trial, |trial, fault| trial.wrong(fault.text(), count(fault)))
        .figure("messages", messages(history, lists))
        .figure("in one conversation", lists.iter().map(Vec::len).max().unwrap_or_default())
        .figure("conversations", lists.len())
        .figure("pages read", history.reads.len())
        .figure("counts read", history.counts.len())
        .figure("appends a second", format!("{:.0}", history.appends.len() as f64 / seconds))
        .figure("p99 of an append, ms", format!("{:.1}", p99 as f64 / 1_000.0))
        .figure("appends refused and sent again", history.retries)
}
