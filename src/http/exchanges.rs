//! The exchanges with the bot that are under way, whoever still waits for them.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinHandle};

use crate::http::{kind::Kind, problem::Problem};

/// The exchanges with the bot that are under way.
///
/// They run to their end in tasks of their own, so that a client that goes away loses no reply. What
/// shuts a server down waits for them:
///
/// ```
/// # use std::sync::Arc;
/// # use axum::http::request::Parts;
/// # use scrollback::{MemoryStore, UserId, http::{Http, NoCaller}};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let caller = |_: &Parts| Ok::<_, NoCaller>(UserId::new(1));
/// let http = Http::new(Arc::new(MemoryStore::new()), caller);
/// let exchanges = http.exchanges();
/// let app = http.router();
/// // … serve `app`, and when the last connection is closed:
/// exchanges.finished().await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Exchanges {
    free: Arc<Semaphore>,
    most: u32,
}

impl Exchanges {
    pub(super) fn at_most(most: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(most as usize)), most }
    }

    /// Waits until none is under way. Others may begin afterwards: stop serving first.
    pub async fn finished(&self) {
        // Nobody closes the semaphore.
        let _all = self.free.acquire_many(self.most).await;
    }

    /// How many are under way, for a host's metrics.
    #[must_use]
    pub fn under_way(&self) -> u32 {
        let free = self.free.available_permits().try_into().unwrap_or(u32::MAX);
        self.most.saturating_sub(free)
    }

    /// Runs `exchange` to its end, also when nobody waits for the answer any more.
    pub(super) fn start<T: Send + 'static>(
        &self,
        exchange: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>, Problem> {
        let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() else {
            return Err(Problem::new(Kind::Unavailable)
                .with_detail("too many replies are under way; nothing was stored, try again"));
        };
        Ok(tokio::spawn(async move {
            let answer = exchange.await;
            drop(permit);
            answer
        }))
    }
}
