//! Connections that lead to a server which only reads, while another one may have taken over.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{task_local, time::Instant};

task_local! {
    /// When a write was last refused to whoever asks for a connection now.
    static REFUSED: Instant;
}

/// How long after a refusal connections are suspected.
const SUSPECTED: Duration = Duration::from_secs(30);

/// A younger connection is no way to an old server: as long as nobody writes, each is opened anew
/// once a second at most.
#[cfg(feature = "postgres")]
const YOUNG: Duration = Duration::from_secs(1);

/// When a server has last refused a write because it only reads (25006).
///
/// After a failover open connections may still lead to the old server. A pool is not told what its
/// connections answer, so whoever is told says it here, and asks for connections [`within`](Self::within).
#[derive(Clone, Debug, Default)]
pub struct Refusal(Arc<Mutex<Option<Instant>>>);

impl Refusal {
    /// A write was refused just now.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Makes a call for which the pools of [`Connect`](crate::Connect) do not use a connection that is
    /// older than the refusal, unless it leads to a server that writes.
    pub async fn within<T>(&self, call: impl Future<Output = T>) -> T {
        let refused = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.filter(|refused| refused.elapsed() < SUSPECTED) {
            Some(refused) => REFUSED.scope(refused, call).await,
            None => call.await,
        }
    }
}

/// Whether a connection of this age may lead to the server that has refused.
#[cfg(feature = "postgres")]
pub(super) fn is_suspect(age: Duration) -> bool {
    REFUSED.try_with(|refused| age >= refused.elapsed().max(YOUNG)).unwrap_or(false)
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    const SECONDS: fn(u64) -> Duration = Duration::from_secs;

    #[tokio::test(start_paused = true)]
    async fn only_what_is_older_than_a_refusal_is_suspected() {
        let refusal = Refusal::default();
        assert!(!refusal.within(async { is_suspect(Duration::MAX) }).await);

        refusal.note();
        tokio::time::advance(SECONDS(3)).await;

        assert!(refusal.within(async { is_suspect(SECONDS(4)) }).await);
        assert!(!refusal.within(async { is_suspect(SECONDS(2)) }).await);
        assert!(!is_suspect(SECONDS(4)), "nobody else is concerned");
        tokio::time::advance(SUSPECTED).await;
        assert!(!refusal.within(async { is_suspect(Duration::MAX) }).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_just_opened_is_not_opened_again() {
        let refusal = Refusal::default();

        refusal.note();

        assert!(!refusal.within(async { is_suspect(Duration::from_millis(999)) }).await);
        assert!(refusal.within(async { is_suspect(SECONDS(1)) }).await);
    }
}
