//! I16: after whatever happened, a pool is whole and its sessions hold nothing.

use std::time::Duration;

use scrollback_proof::{I16, Trial, control};
use sea_orm::TransactionTrait;
use tokio::{task::yield_now, time::timeout};

use super::{
    bench::{Bench, Side, rows, unique, with_parameter},
    op::Op,
    scene::Scene,
};
use crate::support::cluster;

/// A connection that was cut off comes back, or is closed, within a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found to be in use when nothing should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) checks: usize,
    pub(super) not_idle: usize,
    pub(super) open_transactions: usize,
    pub(super) locks: usize,
}

/// Sessions that are known by the name of their application.
pub(super) struct Patient {
    pub(super) watcher: Side,
    pub(super) application: String,
}

impl Patient {
    pub(super) fn new(watcher: Side, start: &str) -> Self {
        Self { watcher, application: unique(start) }
    }

    /// `url` for sessions of this name.
    pub(super) fn url(&self, url: &str) -> String {
        with_parameter(url, "application_name", &self.application)
    }

    /// What is still in use when everything had time to end.
    pub(super) async fn examine(&self, side: &Side) -> Health {
        self.within(PATIENCE, side).await
    }

    async fn within(&self, patience: Duration, side: &Side) -> Health {
        let mut last = self.now(side).await;
        let well = async {
            while !last.is_well() {
                yield_now().await;
                last = self.now(side).await;
            }
        };
        // What is found at the end is the verdict, in time or not.
        let _late = timeout(patience, well).await;
        last
    }

    /// What is in use at this moment.
    pub(super) async fn now(&self, side: &Side) -> Health {
        let pool = side.pool();
        let not_idle = pool.size().saturating_sub(pool.idle()) as usize;
        let named = format!("application_name = '{}'", self.application);
        let sessions = format!(
            "SELECT 1 FROM pg_stat_activity WHERE {named} AND state LIKE 'idle in transaction%'"
        );
        let locks =
            format!("SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE {named}");
        Health {
            checks: 1,
            not_idle,
            open_transactions: rows(&self.watcher.pool(), &sessions).await.len(),
            locks: rows(&self.watcher.pool(), &locks).await.len(),
        }
    }
}

impl Health {
    pub(super) const fn is_well(&self) -> bool {
        self.not_idle == 0 && self.open_transactions == 0 && self.locks == 0
    }

    pub(super) const fn add(&mut self, other: Self) {
        self.checks += other.checks;
        self.not_idle += other.not_idle;
        self.open_transactions += other.open_transactions;
        self.locks += other.locks;
    }

    pub(super) fn record(&self, after: &str) {
        Trial::of(I16, format!("pools examined after {after}"))
            .times(self.checks)
            .wrong("connections not idle", self.not_idle)
            .wrong("transactions open", self.open_transactions)
            .wrong("locks held", self.locks)
            .record();
    }

    pub(super) fn assert_well(&self) {
        assert!(self.is_well(), "{self:?}");
    }
}

#[tokio::test]
async fn sessions_hold_nothing_after_calls_of_every_kind() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "mixed");
    let side = bench.side(&patient.url(&cluster().url()), 4).await;
    let mut health = Health::default();

    for op in Op::ALL {
        let scenes = futures_util::future::join_all((0..8).map(|_| Scene::new(&patient.watcher)));
        let scenes = scenes.await;
        let calls = scenes.iter().map(|scene| op.call(&side, scene));
        futures_util::future::try_join_all(calls).await.unwrap();
        // Refusals end a statement as well.
        for scene in &scenes {
            let _again = op.call(&side, scene).await;
        }
        health.add(patient.examine(&side).await);
    }

    health.record("each method, called side by side and repeated");
    health.assert_well();
}

#[tokio::test]
async fn a_transaction_left_open_is_found() {
    let bench = Bench::postgres().await;
    let patient = Patient::new(bench.watcher().await, "open");
    let side = bench.side(&patient.url(&cluster().url()), 2).await;
    let left = side.pool().begin().await.unwrap();
    rows(&left, &format!("SELECT 1 FROM {}.conversations", bench.schema())).await;

    let health = patient.within(Duration::from_millis(100), &side).await;

    let caught = health.not_idle == 1 && health.open_transactions == 1 && health.locks > 0;
    control(I16, "a transaction that is left open", caught, 1);
    assert!(caught, "{health:?}");
    left.rollback().await.unwrap();
    patient.examine(&side).await.assert_well();
}
