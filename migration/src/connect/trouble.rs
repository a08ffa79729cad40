//! What one broken connection says about the others.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm_migration::sea_orm::sqlx;
use tokio::time::{Instant, error::Elapsed};

/// When a connection of the pool was last found broken.
///
/// A server that restarts breaks all of them at once. Those that were idle at that time are tested
/// before they are used again, so that not every one of them costs a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<Instant>>>);

impl Trouble {
    /// Passes on the outcome of a test of a connection, and remembers a bad one.
    pub(super) fn note_if<T>(
        &self,
        tested: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, sqlx::Error> {
        let outcome = tested.unwrap_or_else(|late| Err(io::Error::from(late).into()));
        outcome.inspect_err(|_| self.note())
    }

    pub(super) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether there was trouble since a connection became idle.
    pub(super) fn within(&self, idle_for: Duration) -> bool {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.is_some_and(|noted| noted.elapsed() <= idle_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_what_was_idle_when_it_happened_is_tested() {
        let trouble = Trouble::default();
        assert!(!trouble.within(Duration::MAX));

        trouble.note();
        tokio::time::advance(Duration::from_secs(2)).await;

        assert!(trouble.within(Duration::from_secs(3)));
        assert!(!trouble.within(Duration::from_secs(1)));
    }
}
