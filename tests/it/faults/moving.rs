//! F9: connections that still lead to a server which only reads, when another one has taken over.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use scrollback::{Connect, Error, Pool, SeaOrmStore};
use scrollback_proof::{F9, Trial, control};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, TransactionTrait};
use tokio::time::timeout;

use super::{
    bench::{Side, rows},
    failover::{Failover, since, until},
    health::Patient,
    op::Op,
    scene::Scene,
};
use crate::support::{self, FaultProxy};

const CONNECTIONS: u32 = 4;

/// A pool whose connections lead to the standby.
struct Behind {
    failover: Failover,
    proxy: FaultProxy,
    patient: Patient,
}

/// What became of it when its address led to the primary.
#[derive(Debug)]
struct Moved {
    writes: bool,
    /// Until it wrote.
    time: String,
    /// Connections to the standby that are left.
    stale: usize,
}

impl Behind {
    async fn new() -> Self {
        let failover = Failover::new(false).await;
        let proxy = FaultProxy::start(&failover.standby).await;
        let patient = Patient::new(failover.side.clone(), "behind");
        Self { failover, proxy, patient }
    }

    fn url(&self) -> String {
        self.patient.url(&self.proxy.url())
    }

    /// The sessions of the pool at the standby.
    async fn stale(&self, standby: &DatabaseConnection) -> usize {
        let sessions = format!(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = '{}'",
            self.patient.application
        );
        rows(standby, &sessions).await.len()
    }

    /// Fills the pool, moves the address, and writes until a write succeeds.
    async fn move_over(&self, pool: Pool) -> Moved {
        let side = Side::over(SeaOrmStore::new(pool.clone()));
        let standby = Database::connect(self.failover.standby.url()).await.unwrap();
        let scene = Scene::new(&self.failover.side).await;
        let held = try_join_all((0..CONNECTIONS).map(|_| pool.begin())).await.unwrap();
        assert_eq!(self.stale(&standby).await, CONNECTIONS as usize);
        try_join_all(held.into_iter().map(|transaction| transaction.rollback())).await.unwrap();
        self.proxy.swap_upstream(self.failover.primary.address());

        let started = Instant::now();
        let write = async {
            while let Err(error) = Op::AppendWithoutKey.call(&side, &scene).await {
                assert!(matches!(error, Error::ReadOnly(_)), "{error:?}");
            }
        };
        let writes = timeout(Duration::from_secs(5), write).await.is_ok();
        let time = since(started);
        if writes {
            // One after another, as they come up for use.
            let use_all = async {
                until(async || {
                    let mut calls = (0..CONNECTIONS).map(|_| Op::Get.call(&side, &scene));
                    try_join_all(&mut calls).await.unwrap();
                    self.stale(&standby).await == 0
                })
                .await;
            };
            let _late = timeout(Duration::from_secs(5), use_all).await;
        }
        Moved { writes, time, stale: self.stale(&standby).await }
    }
}

#[tokio::test]
async fn a_pool_leaves_a_server_that_only_reads_when_another_takes_over() {
    let behind = Behind::new().await;
    let connect = Connect::new(&behind.url()).unwrap().with_max_connections(CONNECTIONS);

    let moved = behind.move_over(support::pool(connect).await.unwrap()).await;

    Trial::of(F9, "pools whose connections lead to a standby, when their address no longer does")
        .wrong("writes that are still refused", usize::from(!moved.writes))
        .wrong("connections that stay with the standby", moved.stale)
        .figure("until a write succeeds", &moved.time)
        .record();
    assert!(moved.writes && moved.stale == 0, "{moved:?}");
}

#[tokio::test]
async fn a_pool_that_stays_with_a_server_that_only_reads_is_found() {
    let behind = Behind::new().await;
    let options = ConnectOptions::new(behind.url()).max_connections(CONNECTIONS).to_owned();

    let moved = behind.move_over(Database::connect(options).await.unwrap().into()).await;

    control(F9, "a pool without our settings, which keeps its connections", !moved.writes, 1);
    assert!(!moved.writes && moved.stale > 0, "{moved:?}");
}
