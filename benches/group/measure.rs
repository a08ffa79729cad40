//! Callers who append one turn after another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use scrollback::{ConversationId, ConversationStore, NewMessage, Turn, UserId};
use tokio::task::JoinSet;

/// Where a caller appends.
pub(crate) type Seat = (UserId, ConversationId);

pub(crate) struct Figures {
    pub(crate) a_second: f64,
    pub(crate) median_micros: f64,
}

/// Has a caller for each seat append for so long.
pub(crate) async fn measure(
    store: &Arc<dyn ConversationStore>,
    seats: &[Seat],
    time: Duration,
) -> Figures {
    let (started, mut callers) = (Instant::now(), JoinSet::new());
    for seat in seats {
        callers.spawn(append_until(Arc::clone(store), *seat, started + time));
    }
    let mut times = callers.join_all().await.concat();
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    Figures {
        a_second: times.len() as f64 / seconds,
        median_micros: times[times.len() / 2].as_secs_f64() * 1e6,
    }
}

async fn append_until(
    store: Arc<dyn ConversationStore>,
    (owner, chat): Seat,
    end: Instant,
) -> Vec<Duration> {
    // 200 bytes, which is what people and chatbots write on average or less.
    let turn = Turn::new([NewMessage::user("0123456789".repeat(20))]).expect("it is short");
    let mut times = Vec::new();
    while times.is_empty() || Instant::now() < end {
        let sent = Instant::now();
        store.append(owner, chat, turn.clone()).await.expect("the server has time");
        times.push(sent.elapsed());
    }
    times
}
