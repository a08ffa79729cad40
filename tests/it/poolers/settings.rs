//! Settings for behind a pooler, which refuses the start-up parameter `options`: those of the role.

use std::process;

use scrollback::Connect;
use scrollback_proof::{F18, Trial, not_run};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::support::{PgBouncer, cluster};

const TIMES: usize = 20;

#[tokio::test]
async fn settings_of_the_role_hold_behind_session_pooling() {
    hold("session pooling", &PgBouncer::start("session")).await;
}

#[tokio::test]
async fn settings_of_the_role_hold_behind_transaction_pooling() {
    match PgBouncer::start_keeping_apart() {
        Ok(bouncer) => hold("transaction pooling with prepared statements", &bouncer).await,
        Err(reason) => not_run(F18, reason),
    }
}

async fn hold(pooling: &str, bouncer: &PgBouncer) {
    let admin = open(&cluster().url()).await;
    let name = format!("test_settings_{}_{}", process::id(), pooling.len());
    run(&admin, &format!("CREATE DATABASE {name}")).await;
    let alter =
        format!("ALTER ROLE CURRENT_USER IN DATABASE {name} SET statement_timeout = '4321ms'");
    run(&admin, &alter).await;
    let pooled = open(&bouncer.url_for(&name)).await;

    let mut others = Vec::new();
    for _ in 0..TIMES {
        others.extend(Some(timeout(&pooled).await).filter(|found| found != "4321ms"));
    }

    drop(pooled);
    run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    Trial::of(F18, format!("statements under a setting of `ALTER ROLE`, {pooling}"))
        .times(TIMES)
        .wrong("without it", others.len())
        .record();
    assert!(others.is_empty(), "{others:?}");
}

async fn timeout(connection: &DatabaseConnection) -> String {
    let sql = "SELECT current_setting('statement_timeout')";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn open(url: &str) -> DatabaseConnection {
    Connect::new(url).unwrap().open().await.unwrap()
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}
