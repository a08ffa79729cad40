//! How long calls take, and which of them do not return.

use std::time::{Duration, Instant};

use tokio::time::timeout;

/// Far beyond every deadline here: what has not returned by then hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Watch {
    patience: Duration,
    pub(super) hung: usize,
    times: Vec<Duration>,
}

impl Watch {
    pub(super) const fn new(patience: Duration) -> Self {
        Self { patience, hung: 0, times: Vec::new() }
    }

    /// The answer of a call, unless it hangs.
    pub(super) async fn over<T>(&mut self, call: impl Future<Output = T>) -> Option<T> {
        let started = Instant::now();
        let answer = timeout(self.patience, call).await;
        self.note(started.elapsed());
        self.hung += usize::from(answer.is_err());
        answer.ok()
    }

    pub(super) fn note(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// The time that so many of a hundred calls do not exceed; 100 is the longest.
    pub(super) fn percentile(&self, percent: usize) -> String {
        let mut times = self.times.clone();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let time = times.get(last * percent / 100).copied().unwrap_or_default();
        format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
    }
}
