//! T14: one user appends and deletes as much as anybody can; the calls of another are answered.

mod held;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use scrollback::{ConversationStore, NewConversation, SeaOrmStore, conformance::Fixture};
use scrollback_proof::{T14, Trial, control};
use sea_orm::TransactionTrait;

use held::{Held, Noisy, PATIENT, Store, greatest};

use super::{
    matrix::Scene,
    rows::{ROWS, Row},
};
use crate::database::{OnPostgres, OnSqlite};

/// What the quiet user got.
#[derive(Default)]
struct Calls {
    took: Vec<Duration>,
    unanswered: Vec<String>,
}

impl Calls {
    /// Rows of the matrix, on what is the caller's own; it gives up when nothing is answered.
    async fn add(&mut self, scene: &Scene, wanted: fn(&Row) -> bool) {
        const PATIENCE: usize = 3;
        for row in ROWS.iter().filter(|row| wanted(row)) {
            if self.unanswered.len() == PATIENCE {
                return;
            }
            let start = Instant::now();
            let answer = (row.call)(&*scene.store, scene.caller, &scene.own).await;
            self.took.push(start.elapsed());
            let failed = ["Busy", "OutcomeUnknown", "Internal"];
            if failed.iter().any(|kind| answer.verdict.contains(kind)) {
                self.unanswered.push(format!("{}: {}", row.name(), answer.verdict));
            }
        }
    }

    fn trial(&mut self, what: String) -> Trial {
        self.took.sort_unstable();
        let (half, most) = (self.took[self.took.len() / 2], self.took[self.took.len() - 1]);
        Trial::of(T14, what)
            .times(self.took.len())
            .wrong("not answered", self.unanswered.len())
            .figure("median", format!("{half:.1?}"))
            .figure("longest", format!("{most:.1?}"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_answered_while_a_large_write_stands_still() {
    let held = Held::new().await;
    let mut wrong = Vec::new();

    for (noisy, what) in [(Noisy::Append, "an append of 64 MiB"), (Noisy::Delete, "a deletion")] {
        let (mut calls, samples, waiting) = held.meanwhile(noisy, PATIENT).await;
        calls
            .trial(format!("calls of another user while {what} is held in its middle, postgres"))
            .wrong("samples in which a session waited for it", waiting)
            .figure("samples of `pg_blocking_pids`", samples)
            .record();
        wrong.extend(calls.unanswered);
        wrong.extend((waiting > 0).then(|| format!("{what}: {waiting} of {samples} samples")));
        assert!(samples > 0);
    }

    assert_eq!(wrong, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_over_all_owners_is_noticed() {
    for noisy in [Noisy::Append, Noisy::Delete] {
        let held = Held::new().await.with_one_lock_for_all().await;

        let (calls, samples, waiting) = held.meanwhile(noisy, Duration::from_millis(300)).await;

        let caught = usize::from(!calls.unanswered.is_empty()) + usize::from(waiting > 0);
        let defect =
            format!("a lock that all owners share: calls, and `pg_blocking_pids`, {noisy:?}");
        control(T14, &defect, caught, 2);
        assert_eq!(caught, 2, "{:?}, {waiting} of {samples} samples", calls.unanswered);
    }
}

/// The noisy user appends and deletes, unhindered, beside every call of another.
async fn beside(
    fixture: &dyn Fixture,
    noisy: &Store,
    quiet: &Store,
    wanted: fn(&Row) -> bool,
) -> Calls {
    let (noisy, owner) = (noisy.clone().with_deadline(5 * PATIENT), fixture.owner().await);
    let quiet = Arc::new(quiet.clone().with_deadline(PATIENT));
    let scene = Scene::set(fixture, quiet).await;
    let noise = tokio::spawn(async move {
        let chat = noisy.create(owner, NewConversation::new()).await.unwrap().id;
        noisy.append(owner, chat, greatest()).await.unwrap();
        noisy.delete(owner, chat, None).await.unwrap();
    });
    let mut calls = Calls::default();
    while !noise.is_finished() || calls.took.is_empty() {
        calls.add(&scene, wanted).await;
    }
    noise.await.unwrap();
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_answered_beside_the_greatest_turns() {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let another = sqlite.another_store().await;

    let on_postgres =
        beside(&postgres, postgres.sql_store(), postgres.sql_store(), ends_nothing).await;
    // SQLite has one writer at a time: others wait for it, and are `Busy` after four seconds.
    let on_sqlite = beside(&sqlite, sqlite.sql_store(), &another, reads).await;

    let mut wrong = Vec::new();
    for (what, mut calls) in [("calls", on_postgres), ("reads", on_sqlite)] {
        let name = if what == "calls" { "postgres" } else { "sqlite" };
        let beside = "beside a turn of 64 MiB and its deletion";
        calls.trial(format!("{what} of another user {beside}, {name}")).record();
        wrong.extend(calls.unanswered);
    }
    assert_eq!(wrong, [""; 0]);
}

/// What leaves the scene with something to the end.
fn ends_nothing(row: &Row) -> bool {
    !matches!(row.method, "delete" | "erase")
}

fn reads(row: &Row) -> bool {
    matches!(row.method, "get" | "find_session" | "list" | "messages")
}

/// SQLite has one writer at a time: readers do not wait for it, other writers do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_stands_still_keeps_no_reader_waiting_on_sqlite() {
    let sqlite = OnSqlite::new().await;
    let quiet = sqlite.another_store().await.with_deadline(Duration::from_secs(3));
    let scene = Scene::set(&sqlite, Arc::new(quiet)).await;
    let noisy = sqlite.owner().await;
    let open = sqlite.sql_store().clone().into_connection().begin().await.unwrap();
    let open = SeaOrmStore::new(open).with_deadline(PATIENT);
    let chat = open.create(noisy, NewConversation::new()).await.unwrap().id;
    open.append(noisy, chat, greatest()).await.unwrap();

    let mut reading = Calls::default();
    reading.add(&scene, reads).await;
    open.into_connection().rollback().await.unwrap();

    reading
        .trial("reads of another user while a write of 64 MiB is not committed, sqlite".to_owned())
        .record();
    assert_eq!(reading.unanswered, [""; 0]);
}
