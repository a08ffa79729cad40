//! F3: sessions that the server ends while the preflight looks for a pooler.

use scrollback::{
    Connect, Result,
    preflight::{Pooler, Preflight},
};

use sea_orm::DatabaseConnection;

use super::bench::{Bench, Side, rows, unique, with_parameter};
use crate::support::{Fault, FaultProxy, cluster};

/// Past the first round of the two clients; the others are like it.
const FRAMES: usize = 40;

/// Ends the sessions of this name, also those that are opened meanwhile.
async fn terminate(watcher: &Side, application: &str) {
    let named = format!("FROM pg_stat_activity WHERE application_name = '{application}'");
    let terminate = format!("SELECT pg_terminate_backend(pid) {named}");
    while !rows(&watcher.pool(), &terminate).await.is_empty() {}
}

/// What the preflight says while `end` goes on, which may wait for a frame that is never sent.
async fn answer_during(
    connection: &DatabaseConnection,
    end: impl Future<Output = ()>,
) -> Result<Preflight> {
    let asked = Preflight::of(connection, &[]);
    tokio::pin!(asked);
    tokio::select! {
        answer = &mut asked => answer,
        () = end => asked.await,
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_taken_for_a_pooler() {
    let (bench, application) = (Bench::postgres().await, unique("preflight"));
    let proxy = FaultProxy::start(cluster()).await;
    let url = with_parameter(&proxy.url(), "application_name", &application);
    let watcher = bench.watcher().await;

    let mut ended = 0;
    for n in 1..=FRAMES {
        let connect = Connect::new(&url).unwrap().with_max_connections(1);
        let connection = connect.open().await.unwrap();
        proxy.arm(Fault::Hold(n));

        let answer = answer_during(&connection, async {
            proxy.until_fired().await;
            terminate(&watcher, &application).await;
            proxy.heal();
        })
        .await;

        assert!(proxy.fired().is_some(), "frame {n} was not sent");
        proxy.heal();
        connection.close().await.unwrap();
        match answer {
            Ok(report) => assert_eq!(report.pooler, Pooler::NoneOrSession, "frame {n}"),
            Err(error) => {
                assert!(error.is_retryable(), "frame {n}: {error:?}");
                ended += 1;
            }
        }
    }
    assert!(ended > FRAMES / 2, "only {ended} of {FRAMES} sessions were missed");
}
