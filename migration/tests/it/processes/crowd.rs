//! The processes, and the check of what they have done.

use std::{
    collections::BTreeMap,
    env,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use scrollback_migration::{Migrator, Tables, Users};
use scrollback_proof::{F13, Trial};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::database::{TestDatabase, texts};

pub(super) const PROCESSES: usize = 16;

/// How often in the quick form.
pub(super) fn rounds() -> usize {
    let rounds = env::var("SCROLLBACK_MIGRATION_ROUNDS").ok();
    rounds.map_or(2, |rounds| rounds.parse().expect("SCROLLBACK_MIGRATION_ROUNDS is a number"))
}

/// Starts as many `scrollback-migration up`; the number of each is its `application_name`.
pub(super) fn start(url: &str, users: &str) -> Vec<Child> {
    let start = |number| {
        let url = match url.starts_with("sqlite:") {
            true => url.to_owned(),
            false => format!("{url}?application_name={number}"),
        };
        let mut up = Command::new(env!("CARGO_BIN_EXE_scrollback-migration"));
        up.args(["up", "--users", users, "--database-url", &url]).env_remove("DATABASE_URL");
        up.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        up.spawn().expect("the binary runs")
    };
    (0..PROCESSES).map(start).collect()
}

/// Waits until so many sessions of this database wait for a lock.
pub(super) async fn until_waiting(db: &DatabaseConnection, sessions: usize) {
    let waiting = "SELECT count(*)::text FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(50);
    while texts(db, waiting).await != [sessions.to_string()] {
        assert!(Instant::now() < deadline, "{sessions} sessions never waited at once");
    }
}

/// Runs statements of the test's own.
pub(super) async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.expect("the statement is good");
}

/// What a migrator would apply to this database.
pub(super) async fn wanted(database: &TestDatabase, users: Users) -> Vec<String> {
    let migrator = Migrator::new(Tables::default(), users);
    let status = migrator.status(&database.connect().await).await;
    status.expect("the database answers").pending
}

/// How one run has ended.
pub(super) enum Outcome {
    Applied(Vec<String>),
    Failed(String),
}

/// Waits for the end of all.
pub(super) fn end(processes: Vec<Child>) -> Vec<Outcome> {
    processes.into_iter().map(outcome).collect()
}

fn outcome(process: Child) -> Outcome {
    let output = process.wait_with_output().expect("a process can be waited for");
    if !output.status.success() {
        return Outcome::Failed(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = said.lines().filter_map(|line| line.strip_prefix("applied "));
    Outcome::Applied(names.map(str::to_owned).collect())
}

/// What is wrong with the ends of all runs on one database; several add up.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    rounds: usize,
    processes: usize,
    pub(super) failures: Vec<String>,
    /// Applied by nobody.
    missing: Vec<String>,
    /// Applied by more than one.
    pub(super) doubled: Vec<String>,
    longest: Duration,
}

impl Verdict {
    /// Adds the runs of one database, which were to apply `wanted` and have ended `after` that long.
    pub(super) fn add(&mut self, outcomes: Vec<Outcome>, wanted: &[String], after: Duration) {
        let mut applied: BTreeMap<String, usize> =
            wanted.iter().map(|name| (name.clone(), 0)).collect();
        self.rounds += 1;
        self.processes += outcomes.len();
        self.longest = self.longest.max(after);
        for outcome in outcomes {
            match outcome {
                Outcome::Applied(names) => {
                    names.into_iter().for_each(|name| *applied.entry(name).or_default() += 1);
                }
                Outcome::Failed(text) => self.failures.push(text),
            }
        }
        for (name, times) in applied {
            match times {
                0 => self.missing.push(name),
                1 => {}
                _ => self.doubled.push(name),
            }
        }
    }

    /// Writes it down, and fails when anything is wrong.
    pub(super) fn judge(&self, what: &str) {
        Trial::of(
            F13,
            format!("empty databases that {PROCESSES} processes migrate at once, {what}"),
        )
        .times(self.rounds)
        .wrong("processes failed", self.failures.len())
        .wrong("migrations applied twice", self.doubled.len())
        .wrong("migrations not applied", self.missing.len())
        .figure("processes waited for", self.processes)
        .figure("longest", format!("{} ms", self.longest.as_millis()))
        .record();
        assert!(self.rounds > 0);
        assert!(self.failures.is_empty(), "{self:?}");
        assert!(self.doubled.is_empty() && self.missing.is_empty(), "{self:?}");
    }
}
