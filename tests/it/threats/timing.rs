//! T10: how long a foreign id takes and how long an unknown one, as figures without a verdict.
//!
//! A clock on a shared machine proves nothing: what proves is that both are the same statement,
//! carried out alike. `SCROLLBACK_TIMING_CALLS` says how often each is asked for.

use std::time::Instant;

use scrollback::{ConversationId, ConversationStore, NewConversation, UserId};
use scrollback_proof::{T10, Trial};

use super::fixtures;
use crate::concurrent::from_env;

#[tokio::test]
async fn foreign_and_unknown_are_timed() {
    let calls = from_env("SCROLLBACK_TIMING_CALLS").unwrap_or(500);
    for (name, fixture) in fixtures().await {
        let (store, ann, ben) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let foreign = store.create(ben, NewConversation::new()).await.unwrap().id;
        let unknown = ConversationId::new(foreign.get() + 1);
        let (mut of_foreign, mut of_unknown) = (Vec::new(), Vec::new());
        for call in 0..2 * calls {
            // In the order 0 1 1 0: neither is always the one that comes second.
            if matches!(call % 4, 0 | 3) {
                of_foreign.push(nanoseconds(&*store, ann, foreign).await);
            } else {
                of_unknown.push(nanoseconds(&*store, ann, unknown).await);
            }
        }
        let z = mann_whitney(&of_foreign, &of_unknown);
        let (one, other) = (median(&mut of_foreign), median(&mut of_unknown));
        Trial::of(T10, format!("interleaved calls of get, timed without a verdict, {name}"))
            .times(2 * calls)
            .figure("median for foreign ids", format!("{one} ns"))
            .figure("for unknown ids", format!("{other} ns"))
            .figure("Mann–Whitney", format!("z = {z:+.2}"))
            .record();
    }
}

async fn nanoseconds(store: &dyn ConversationStore, owner: UserId, id: ConversationId) -> u64 {
    let start = Instant::now();
    store.get(owner, id).await.unwrap_err();
    start.elapsed().as_nanos() as u64
}

fn median(sample: &mut [u64]) -> u64 {
    sample.sort_unstable();
    sample[sample.len() / 2]
}

/// The normal approximation of the rank-sum test, with mean ranks for ties: beyond 2 either way,
/// one sample tends to be larger.
fn mann_whitney(one: &[u64], other: &[u64]) -> f64 {
    let mut all: Vec<_> = one.iter().map(|x| (*x, true)).collect();
    all.extend(other.iter().map(|x| (*x, false)));
    all.sort_unstable();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let mut before = 0.0;
    let mut ranks = 0.0;
    for ties in all.chunk_by(|a, b| a.0 == b.0) {
        let rank = before + (ties.len() as f64 + 1.0) / 2.0;
        ranks += rank * ties.iter().filter(|(_, first)| *first).count() as f64;
        before += ties.len() as f64;
    }
    let expected = n * (n + m + 1.0) / 2.0;
    (ranks - expected) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

#[test]
fn the_rank_test_tells_samples_apart() {
    let low: Vec<u64> = (0..100).collect();
    let high: Vec<u64> = (50..150).collect();

    assert!(mann_whitney(&low, &low).abs() < 1e-9);
    assert!(mann_whitney(&high, &low) > 6.0 && mann_whitney(&low, &high) < -6.0);
}
