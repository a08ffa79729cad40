//! A process whose clock can be set, with the stores that ask the clock of their process.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use chrono::Utc;
use scrollback::{ConversationStore, MemoryStore, SeaOrmStore, UserId, Users};
use serde::{Deserialize, Serialize};

use super::steps::{Found, Stepped};
use crate::{folder::Folder, support::Hardware};

/// Names the assignment; without it the clock of this process cannot be set.
const ASSIGNMENT: &str = "SCROLLBACK_TEST_CLOCK";

#[derive(Deserialize, Serialize)]
struct Assignment {
    steps: u64,
    /// What libfaketime reads, whenever the process asks for the time.
    clock: PathBuf,
    database: String,
    report: PathBuf,
}

/// Runs this program again under a clock that it sets itself; what each store has shown.
pub(super) fn run(steps: u64) -> Vec<(String, Found)> {
    let folder = Folder::create();
    let (clock, report) = (folder.path().join("clock"), folder.path().join("report"));
    let database = folder.url("chat.db");
    set(&clock, 0);
    let assignment = Assignment { steps, clock, database, report };

    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "clock::child::the_clock_is_set_when_assigned", "--nocapture"])
        .env(ASSIGNMENT, serde_json::to_string(&assignment).unwrap())
        .env("LD_PRELOAD", Hardware::faketime())
        .env("FAKETIME_TIMESTAMP_FILE", &assignment.clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .status();

    assert!(status.unwrap().success(), "its panic is on standard error");
    serde_json::from_slice(&fs::read(&assignment.report).unwrap()).unwrap()
}

#[tokio::test]
async fn the_clock_is_set_when_assigned() {
    let Ok(assignment) = env::var(ASSIGNMENT) else { return };
    let assignment: Assignment = serde_json::from_str(&assignment).unwrap();
    let sqlite = SeaOrmStore::connect(&assignment.database).await.unwrap();
    sqlite.migrate(&Users::Managed).await.unwrap();
    let ann = sqlite.ensure_user("ann").await.unwrap();

    let founds = [
        ("sqlite", go_through(&sqlite, ann, &assignment).await),
        ("memory", go_through(&MemoryStore::new(), UserId::new(1), &assignment).await),
    ];

    fs::write(&assignment.report, serde_json::to_vec(&founds).unwrap()).unwrap();
}

async fn go_through(
    store: &dyn ConversationStore,
    owner: UserId,
    assignment: &Assignment,
) -> Found {
    let mut stepped = Stepped::new(store, owner).await;
    for _ in 0..assignment.steps {
        set(&assignment.clock, stepped.choose_offset());
        stepped.go_on(Utc::now().timestamp()).await;
    }
    stepped.end().await
}

/// The file may be read at any moment, so it is replaced as a whole.
fn set(clock: &Path, offset: i64) {
    let next = clock.with_extension("next");
    fs::write(&next, format!("{offset:+}\n")).unwrap();
    fs::rename(next, clock).unwrap();
}
