//! Callers who append one turn after another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use scrollback::{ConversationId, ConversationStore, NewMessage, Turn, UserId};
use tokio::task::JoinSet;

use crate::support::Random;

/// Where a caller appends.
pub(crate) type Seat = (UserId, ConversationId);

/// A store and its name.
pub(crate) type Way = (String, Arc<dyn ConversationStore>);

#[derive(Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) a_second: f64,
    pub(crate) median_micros: f64,
}

/// Has one caller go through the stores in an order of chance, one turn each, again and again: what else the
/// machine does then touches all of them alike.
pub(crate) async fn alternate(
    ways: &[Way],
    (owner, chat): Seat,
    time: Duration,
    seed: u64,
) -> Vec<Figures> {
    let (started, turn) = (Instant::now(), turn());
    let mut times = vec![Vec::new(); ways.len()];
    for number in 0.. {
        for way in shuffled(ways.len(), seed << 32 | number) {
            let sent = Instant::now();
            ways[way].1.append(owner, chat, turn.clone()).await.expect("the server has time");
            times[way].push(sent.elapsed());
        }
        if started.elapsed() > time * ways.len() as u32 {
            break;
        }
    }
    times.into_iter().map(|times| Figures::of(times.iter().sum(), times)).collect()
}

impl Figures {
    fn of(whole: Duration, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self {
            a_second: times.len() as f64 / whole.as_secs_f64(),
            median_micros: times[times.len() / 2].as_secs_f64() * 1e6,
        }
    }
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
    let times = callers.join_all().await.concat();
    Figures::of(started.elapsed(), times)
}

async fn append_until(
    store: Arc<dyn ConversationStore>,
    (owner, chat): Seat,
    end: Instant,
) -> Vec<Duration> {
    let (turn, mut times) = (turn(), Vec::new());
    while times.is_empty() || Instant::now() < end {
        let sent = Instant::now();
        store.append(owner, chat, turn.clone()).await.expect("the server has time");
        times.push(sent.elapsed());
    }
    times
}

/// A message of 200 bytes, which is what people and chatbots write on average or less.
fn turn() -> Turn {
    Turn::new([NewMessage::user("0123456789".repeat(20))]).expect("it is short")
}

pub(crate) fn shuffled(length: usize, seed: u64) -> Vec<usize> {
    let (mut order, mut random) = ((0..length).collect::<Vec<_>>(), Random::new(seed));
    for last in (1..length).rev() {
        order.swap(last, random.below(last as u64 + 1) as usize);
    }
    order
}
