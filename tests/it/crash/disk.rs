//! F7: there is no room left for what is written.

use std::{sync::Arc, time::Duration};

use scrollback::{ConversationId, Error, Limit, MessageQuery, Pool};
use scrollback_proof::{F7, Trial, control, not_run};
use sea_orm::{
    ConnectionTrait,
    sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql},
};
use tokio::task::block_in_place;

use super::{
    bench::{Bench, Crew, Crowd, until_gone, until_up},
    survivor::Habit,
    told::{Told, median_and_longest, with_faults},
};
use crate::{
    concurrent::{Fault, Place, from_env, on_sqlite},
    support::{Cluster, Hardware},
};

const WRITERS: u64 = 4;

fn fills() -> u64 {
    from_env("SCROLLBACK_DISK_FILLS").unwrap_or(2)
}

/// SQLSTATE 53100 and SQLite's FULL: nothing was applied.
fn was_not_applied(error: &Error) -> bool {
    matches!(error, Error::Busy(_))
}

fn crew(habit: Habit, allowed: fn(&Error) -> bool) -> Crew {
    Crew { writers: WRITERS, readers: 0, habit, allowed }
}

/// More pages than any test fills.
const ENOUGH: u64 = 1 << 30;

/// A file of SQLite that may have a hundred pages, and the connection whose limit that is.
async fn small_file() -> (Bench, Pool, tempfile::TempDir) {
    let (place, folder) = on_sqlite().await;
    // The limit is the connection's, so there is one connection.
    let store = place.sql_store(1).await;
    let mut bench = Bench::over(place, 1).await;
    bench.store = Arc::new(store.clone());
    let file = store.into_connection();
    may_have(&file, 100).await;
    (bench, file, folder)
}

async fn may_have(file: &Pool, pages: u64) {
    file.execute_unprepared(&format!("PRAGMA max_page_count = {pages}")).await.unwrap();
}

/// A server whose tables are on a disk of 2 MB.
async fn small_server() -> (Cluster, Bench) {
    let server = block_in_place(|| Cluster::start_on(&Hardware::disk_for_tables(2)));
    let mut admin = PgConnection::connect(&server.url()).await.unwrap();
    let disk = "SELECT replace(current_setting('data_directory'), '/data', '/disk')";
    let disk: String = query_scalar(disk).fetch_one(&mut admin).await.unwrap();
    for sql in [
        format!("CREATE TABLESPACE small LOCATION '{disk}'"),
        "ALTER DATABASE postgres SET default_tablespace = small".to_owned(),
    ] {
        raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
    let bench = Bench::over(Place::at(server.url()).await, WRITERS as u32).await;
    (server, bench)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_whole_turns_until_there_is_room() {
    if let Some(reason) = Hardware::no_disks() {
        return not_run(
            F7,
            format!("full disk under the tables: no disk can be mounted: {reason}"),
        );
    }
    let (server, mut bench) = small_server().await;
    let crowd = bench.start(&crew(Habit::Right, was_not_applied));
    let (mut healed, mut unreadable) = (Vec::new(), 0);

    for fill in 1..=fills() {
        crowd.fail(2 * WRITERS as u32).await;
        unreadable += reads_that_fail(&bench).await;
        block_in_place(|| server.grow_disk(2 + fill));
        healed.push(crowd.until_healed().await);
    }
    let told = crowd.end().await;

    let trial = Trial::of(F7, "times that the disk under PostgreSQL's tables was full");
    judge(&bench, &told, trial.wrong("reads that failed meanwhile", unreadable), healed).await;
    assert_eq!(unreadable, 0, "reads failed");
    assert!(told.count("53100") > 0, "{:?}", told.errors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sqlite_file_that_may_not_grow_refuses_whole_turns_until_it_may() {
    let (mut bench, file, _folder) = small_file().await;
    let crowd = bench.start(&crew(Habit::Right, was_not_applied));
    let (mut healed, mut unreadable) = (Vec::new(), 0);

    for fill in 1..=fills() {
        crowd.fail(2 * WRITERS as u32).await;
        unreadable += reads_that_fail(&bench).await;
        may_have(&file, 100 * (fill + 1)).await;
        healed.push(crowd.until_healed().await);
    }
    may_have(&file, ENOUGH).await;
    let told = crowd.end().await;

    let trial = Trial::of(F7, "times that an SQLite file was full (`max_page_count`)");
    judge(&bench, &told, trial.wrong("reads that failed meanwhile", unreadable), healed).await;
    assert_eq!(unreadable, 0, "reads failed");
    assert!(told.count("result code 13") > 0, "{:?}", told.errors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_full_write_ahead_log() {
    if let Some(reason) = Hardware::no_disks() {
        return not_run(F7, format!("full disk under the WAL: no disk can be mounted: {reason}"));
    }
    let server = block_in_place(|| Cluster::start_on(&Hardware::disk_for_wal(5)));
    let mut bench = Bench::over(Place::at(server.url()).await, WRITERS as u32).await;
    let may_come = |error: &Error| matches!(error, Error::Busy(_) | Error::OutcomeUnknown(_));
    let crowd = bench.start(&crew(Habit::Right, may_come));
    let mut healed = Vec::new();

    for fill in 1..=fills() {
        until_gone(PgConnection::connect(&server.url()).await.unwrap()).await;
        block_in_place(|| {
            server.grow_disk(5 + fill);
            server.revive();
        });
        until_up(&server.url()).await;
        healed.push(crowd.until_healed().await);
    }
    let told = crowd.end().await;

    let panics = panics(&server).await;
    let trial = Trial::of(F7, "times that the disk under PostgreSQL's WAL was full");
    judge(&bench, &told, trial.figure("PANICs in the server's log", panics), healed).await;
    assert!(panics >= fills() as i64, "the server did not give up by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_take_a_full_disk_for_success_are_found() {
    if let Some(reason) = Hardware::no_disks() {
        return not_run(
            F7,
            format!("full disk taken for success: no disk can be mounted: {reason}"),
        );
    }
    let (server, mut bench) = small_server().await;
    let crowd = bench.start(&crew(Habit::Credulous, was_not_applied));

    crowd.fail(2 * WRITERS as u32).await;
    block_in_place(|| server.grow_disk(16));

    are_found(&bench, crowd, "a writer that takes the refusal of a full disk for success").await;
}

/// The same where nothing can be mounted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_take_a_full_sqlite_file_for_success_are_found() {
    let (mut bench, file, _folder) = small_file().await;
    let crowd = bench.start(&crew(Habit::Credulous, was_not_applied));

    crowd.fail(2 * WRITERS as u32).await;
    may_have(&file, ENOUGH).await;

    are_found(&bench, crowd, "a writer that takes the refusal of a full SQLite file for success")
        .await;
}

/// Whether what they took for stored is missed.
async fn are_found(bench: &Bench, crowd: Crowd, defect: &str) {
    crowd.until_healed().await;
    let told = crowd.end().await;
    let faults = bench.faults(&told.history).await;
    let caught = faults.iter().any(|(fault, _)| *fault == Fault::Lost);
    control(F7, defect, caught, 1);
    assert!(caught, "{faults:?}");
}

/// Everything can be read also while nothing can be written.
async fn reads_that_fail(bench: &Bench) -> usize {
    let mut failed = 0;
    for chat in &bench.chats {
        let (owner, chat) = (bench.place.owner(), ConversationId::new(*chat));
        let page = bench.store.messages(owner, chat, MessageQuery::last(Limit::MAX)).await;
        failed += usize::from(page.is_err());
    }
    failed
}

/// How often the server has given up for want of room.
async fn panics(server: &Cluster) -> i64 {
    let mut admin = PgConnection::connect(&server.url()).await.unwrap();
    let log = "SELECT count(*) FROM regexp_matches(
                 pg_read_file(replace(current_setting('data_directory'), '/data', '/log')),
                 'PANIC:[^\\n]*No space left', 'g')";
    query_scalar(log).fetch_one(&mut admin).await.unwrap()
}

async fn judge(bench: &Bench, told: &Told, trial: Trial, healed: Vec<Duration>) {
    let faults = bench.audit(told.history.clone()).await;
    let trial = with_faults(trial.times(healed.len()), &faults);
    told.in_trial(trial)
        .figure("first success once there is room", median_and_longest(healed))
        .seed(bench.seed)
        .record();
    assert!(faults.is_empty(), "{faults:?}");
    told.assert_clean();
}
