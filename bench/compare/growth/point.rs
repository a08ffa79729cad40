//! One point of a curve: an operation on conversations of one length.

use std::{sync::Arc, time::Instant};

use fastrand::Rng;

use crate::{
    contender::{Contender, Page, Result},
    data::{Bodies, Chat},
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Newest20,
    Newest50,
    Middle,
    Start,
    Append,
}

/// How often at each point of a round.
pub(super) const CALLS: usize = 200;

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::Newest20, Self::Newest50, Self::Middle, Self::Start, Self::Append];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Newest20 => "newest 20",
            Self::Newest50 => "newest 50",
            Self::Middle => "50 in the middle",
            Self::Start => "50 at the start",
            Self::Append => "append one",
        }
    }

    /// Only conversations that fill the page: fewer rows cost less anywhere.
    pub(super) const fn suits(self, length: u32) -> bool {
        matches!(self, Self::Newest20 | Self::Append) || length >= 100
    }

    const fn page(self, length: u32) -> Page {
        match self {
            Self::Newest20 => Page { limit: 20, before: None },
            Self::Middle => Page { limit: 50, before: Some(length / 2 + 1) },
            Self::Start => Page { limit: 50, before: Some(51) },
            Self::Newest50 | Self::Append => Page { limit: 50, before: None },
        }
    }
}

/// The median in microseconds of one caller's calls, after a tenth more to warm up.
pub(super) async fn measure<C: Contender>(
    contender: &C,
    kind: Kind,
    chats: &[Chat],
    bodies: Arc<Bodies>,
    texts: u64,
) -> Result<f64> {
    let mut random = Rng::with_seed(texts);
    let mut samples = Vec::with_capacity(CALLS);
    for call in 0..CALLS + CALLS / 10 {
        let chat = &chats[call % chats.len()];
        let [body, _] = bodies.turn(&mut random);
        let started = Instant::now();
        if kind == Kind::Append {
            contender.append(chat, &[body]).await?;
        } else {
            contender.page(chat, kind.page(chat.messages)).await?;
        }
        samples.push(started.elapsed());
    }
    samples.drain(..CALLS / 10);
    samples.sort_unstable();
    Ok(samples[samples.len() / 2].as_secs_f64() * 1e6)
}
