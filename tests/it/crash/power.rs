//! F20: the power fails. It is not cut here; whether the server is ready for a crash is noticed (F2).

use scrollback::{
    SeaOrmStore,
    preflight::{Preflight, Warning},
};
use scrollback_proof::{F2, F20, Trial, not_run};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};

use super::bench::PATIENCE;
use crate::support::Cluster;

const SETTINGS: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

type Values = [bool; 3];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_power_failure_may_lose_is_noticed() {
    let server = Cluster::start();
    let every = (0..1 << SETTINGS.len()).map(|bits| [0, 1, 2].map(|bit| bits >> bit & 1 == 0));
    let (mut reports, mut refused) = (Vec::new(), 0);
    for values in every {
        set(&server, values).await;
        // Such a server is not refused: what lies below it may guard it.
        match SeaOrmStore::connect(&server.url()).await {
            Ok(store) => reports.push((store.preflight().await.unwrap(), values)),
            Err(_) => refused += 1,
        }
    }

    let unnoticed: Vec<_> =
        reports.iter().filter(|(report, values)| !is_noticed(report, *values)).collect();
    Trial::of(F2, "settings of a server that risk what was acknowledged, or do not")
        .times(reports.len() + refused)
        .wrong("that `preflight` did not report as they are", unnoticed.len())
        .wrong("servers refused", refused)
        .record();
    not_run(
        F20,
        "writes that a power failure takes back: killing a process or a server keeps the page cache \
         of the operating system, so it takes a machine whose power is cut, or a device that drops \
         writes, and the servers of these tests run with fsync=off",
    );
    assert!(unnoticed.is_empty(), "{unnoticed:?}");
    assert_eq!(refused, 0);
}

/// Whether a report says what is set, and warns of it where it should.
fn is_noticed(report: &Preflight, values: Values) -> bool {
    let durability = &report.durability;
    let reported = [durability.fsync, durability.full_page_writes, durability.synchronous_commit];
    let warns = report.warnings().contains(&Warning::NotDurable(report.durability));
    reported == values && warns == values.contains(&false)
}

/// Changes the settings of a running server, and waits until new sessions have them.
async fn set(server: &Cluster, values: Values) {
    let texts = values.map(|value| if value { "on" } else { "off" });
    let mut admin = PgConnection::connect(&server.url()).await.unwrap();
    for (setting, text) in SETTINGS.iter().zip(texts) {
        let sql = format!("ALTER SYSTEM SET {setting} = {text}");
        raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
    raw_sql("SELECT pg_reload_conf()").execute(&mut admin).await.unwrap();
    let has_them = async { while shown(server).await != texts {} };
    tokio::time::timeout(PATIENCE, has_them).await.expect("the server reads its settings again");
}

async fn shown(server: &Cluster) -> [String; 3] {
    let mut session = PgConnection::connect(&server.url()).await.unwrap();
    let mut shown = SETTINGS.map(String::from);
    for setting in &mut shown {
        let sql = format!("SHOW {setting}");
        *setting = query_scalar(AssertSqlSafe(sql)).fetch_one(&mut session).await.unwrap();
    }
    shown
}
