//! A database whose tables have one size, and conversations of every length in it.

use std::{collections::BTreeMap, sync::Arc};

use fastrand::Rng;

use super::point::{Kind, measure};
use crate::{
    contender::Result,
    data::{Bodies, Chat, Plan},
    peers::{Fastest, fastest},
    seed,
    server::{Server, connect},
    stage::tables,
};

/// In messages. Even numbers of pages, so that the texts of all pages are the same.
pub(super) const LENGTHS: [u32; 5] = [20, 200, 2_000, 20_000, 100_000];

/// How many conversations of each length are read, and as many are written to.
const COPIES: [usize; 5] = [200, 50, 5, 1, 1];

pub(super) struct Table {
    pub(super) rows: u64,
    read: BTreeMap<u32, Vec<Chat>>,
    written: BTreeMap<u32, Vec<Chat>>,
    store: Arc<Fastest>,
}

impl Table {
    pub(super) async fn seed(
        server: &Server,
        rows: u64,
        seed: u64,
        bodies: &Bodies,
    ) -> Result<Self> {
        let url = server.database(&format!("growth_{rows}")).await?;
        tables(&url).await?;
        let mut plan = Plan::default();
        let (read, written) = (add(&mut plan, 1, rows), add(&mut plan, 2, rows));
        plan.fill(3, rows, &mut Rng::with_seed(seed));
        seed::postgres(&connect(&url).await?, bodies, &plan.chats).await?;
        Ok(Self { rows, read, written, store: Arc::new(fastest(&url).await?) })
    }

    /// The lengths that there are.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        self.read.keys().copied()
    }

    pub(super) async fn measure(
        &self,
        kind: Kind,
        length: u32,
        bodies: &Arc<Bodies>,
        texts: u64,
    ) -> Result<f64> {
        let chats = if kind == Kind::Append { &self.written } else { &self.read };
        let chats = chats.get(&length).cloned().ok_or("no conversation of this length")?;
        let (store, bodies) = (Arc::clone(&self.store), Arc::clone(bodies));
        // On a thread of the runtime, like a request.
        tokio::spawn(async move { measure(&*store, kind, &chats, bodies, texts).await }).await?
    }
}

/// Adds conversations of every length that fits twice into the table.
fn add(plan: &mut Plan, owner: i64, rows: u64) -> BTreeMap<u32, Vec<Chat>> {
    let fitting = LENGTHS.into_iter().zip(COPIES).filter(|(n, _)| u64::from(*n) * 4 <= rows);
    let chats = fitting.map(|(length, copies)| {
        (length, (0..copies).map(|_| plan.add(owner, length, true)).collect())
    });
    chats.collect()
}
