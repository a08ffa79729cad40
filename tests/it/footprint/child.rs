//! A process of its own that does one thing, and tells how much memory it took at most.

use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Parser;
use futures_util::TryStreamExt;
use scrollback::{ConversationId, ConversationStoreExt};
use serde::{Deserialize, Serialize};

use super::import::{Args, run};
use crate::concurrent::Place;

/// Names the assignment; without it this process measures nothing.
const ASSIGNMENT: &str = "SCROLLBACK_TEST_FOOTPRINT";

/// What to do, once with the defect that the test must find.
#[derive(Debug, Deserialize, Serialize)]
pub(super) enum Work {
    Walk { place: Place, chat: i64, keep: bool },
    Import { file: PathBuf, url: String, keep: bool },
}

/// What came of it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Done {
    /// Messages walked.
    pub(super) messages: usize,
    /// The most memory that the process had at any time, where the system tells.
    pub(super) peak_kib: Option<u64>,
}

impl Work {
    /// Runs this program again for this work; `folder` is for its report.
    pub(super) fn measure(&self, folder: &Path) -> Done {
        let report = folder.join("report");
        let assignment = serde_json::to_string(&(self, &report)).unwrap();
        let status = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "footprint::child::the_work_is_measured_when_assigned",
                "--nocapture",
            ])
            .env(ASSIGNMENT, assignment)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "its panic is on standard error");
        serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
    }

    async fn run(self) -> usize {
        match self {
            Self::Walk { place, chat, keep } => walk(&place, chat, keep).await,
            Self::Import { file, url, keep } => import(&file, &url, keep).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_work_is_measured_when_assigned() {
    let Ok(assignment) = env::var(ASSIGNMENT) else { return };
    let (work, report): (Work, PathBuf) = serde_json::from_str(&assignment).unwrap();

    let messages = work.run().await;

    let done = Done { messages, peak_kib: peak_kib() };
    fs::write(report, serde_json::to_vec(&done).unwrap()).unwrap();
}

async fn walk(place: &Place, chat: i64, keep: bool) -> usize {
    let store = place.open(1).await;
    let mut messages = Box::pin(store.walk_messages(place.owner(), ConversationId::new(chat)));
    let (mut count, mut kept) = (0, Vec::new());
    while let Some(message) = messages.try_next().await.unwrap() {
        count += 1;
        kept.extend(keep.then_some(message));
    }
    count
}

/// The example itself.
async fn import(file: &Path, url: &str, keep: bool) -> usize {
    let kept: Vec<_> = if keep { lines(file).collect() } else { Vec::new() };
    let file = file.to_str().unwrap();
    let args = Args::parse_from(["import", file, "--user", "ann", "--database-url", url]);
    assert!(run(args).await.unwrap(), "what was imported reads back the same");
    kept.len()
}

fn lines(file: &Path) -> impl Iterator<Item = String> {
    BufReader::new(File::open(file).unwrap()).lines().map(Result::unwrap)
}

/// The high-water mark of what is resident, which Linux keeps.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
