//! F14, I1 over HTTP: a thousand connections at once, on SQLite and on PostgreSQL.
//!
//! Each is a client of its own that starts chats, talks, reads and lists; some share a user, as two tabs
//! do. What was acknowledged must be there once and in order, and nothing of anybody else. Answers and
//! latencies are counted, not judged: they are the machine's.
//!
//! `SCROLLBACK_HTTP_LOAD_SECONDS` sets for how long each of the stores is asked; without it, every client
//! asks for a few things. `SCROLLBACK_HTTP_LOAD_REPORT` names a file for what was counted;
//! `scripts/load` sets both.

mod audit;
mod bot;
mod caller;
mod controls;
mod talks;
mod tally;

use std::{env, fs, sync::Arc, time::Duration};

use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scrollback::{UserId, conformance::Fixture};
use scrollback_proof::{F14, I1, Trial, not_run};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{app::App, served::Served};
use crate::{
    concurrent::from_env,
    database::{OnPostgres, OnSqlite},
    support::connections,
};
use bot::Echo;
use caller::{Caller, Until};
use tally::Tally;

/// How many clients there are.
const CALLERS: usize = 1_000;

/// How many of them are one user.
const TABS: usize = 4;

/// How much each of them does when no time is set.
const OPERATIONS: usize = 3;

/// Fewer than there are clients, so that some are refused and come back.
const MAX_EXCHANGES: u32 = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_lose_nothing() {
    let callers = CALLERS.min(connections_at_most());
    if callers < CALLERS {
        not_run(
            F14,
            format!("{CALLERS} connections at once: files may be open for {callers} only"),
        );
    }
    let mut report = Map::new();
    let fixtures: [(&str, Arc<dyn Fixture>); 2] = [
        ("SQLite", Arc::new(OnSqlite::new().await)),
        ("PostgreSQL", Arc::new(OnPostgres::with_pools_of(connections(8)).await)),
    ];
    for (store, fixture) in fixtures {
        let (tally, wrong) = load(fixture, callers).await;
        for row in [F14, I1] {
            let what = format!("operations over HTTP of {callers} connections at once, {store}");
            let trial = Trial::of(row, what).times(tally.operations());
            tally.figures(trial.wrong("lost, repeated, moved or shown", wrong.len())).record();
        }
        report.insert(store.to_owned(), tally.report(callers));
        assert_eq!(wrong, Vec::<String>::new(), "{store}");
    }
    if let Some(file) = env::var_os("SCROLLBACK_HTTP_LOAD_REPORT") {
        let report = serde_json::to_string_pretty(&Value::Object(report)).unwrap();
        fs::write(file, report + "\n").unwrap();
    }
}

/// What was counted, and what was wrong.
async fn load(fixture: Arc<dyn Fixture>, callers: usize) -> (Tally, Vec<String>) {
    let mut users = Vec::new();
    for _ in 0..callers.div_ceil(TABS) {
        users.push(fixture.owner().await);
    }
    let set = |http: scrollback::http::Http| http.with_max_exchanges(MAX_EXCHANGES);
    let app = App::over(fixture, Arc::new(Echo), set).await;
    let served = Served::of(&app).await;
    let callers = connected(&served, &users, callers).await;

    let begun = Instant::now();
    let until = match from_env("SCROLLBACK_HTTP_LOAD_SECONDS") {
        Some(seconds) => Until::Over(begun + Duration::from_secs(seconds)),
        None => Until::Done(OPERATIONS),
    };
    let running = callers.into_iter().map(|caller| tokio::spawn(caller.run(until)));
    let callers: Vec<_> =
        join_all(running).await.into_iter().map(|caller| caller.unwrap()).collect();
    let took = begun.elapsed();

    let mut wrong = audit::faults(&served, &users, &callers).await;
    wrong.extend(callers.iter().flat_map(|caller| caller.wrong.clone()));
    (Tally::sum(callers.into_iter().map(|caller| caller.tally), took), wrong)
}

/// All connections are open before the first thing is asked.
async fn connected(served: &Served, users: &[UserId], callers: usize) -> Vec<Caller> {
    let mut shared = Vec::new();
    for (number, user) in users.iter().enumerate() {
        shared.push(caller::start_shared(served, *user, number).await);
    }
    let mut connected = Vec::new();
    for number in 0..callers {
        let user = number % users.len();
        connected.push(Caller::connect(served, users[user], shared[user].clone(), number).await);
    }
    connected
}

/// A connection is a file at both of its ends, and the tests beside have some too.
fn connections_at_most() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let files = if raised.is_ok() { maximum } else { current };
    files.map_or(CALLERS, |files| usize::try_from(files.saturating_sub(512) / 2).unwrap_or(CALLERS))
}
