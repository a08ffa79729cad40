//! A process of its own that does its part.

use std::{
    env,
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde::{Deserialize, Serialize};

use super::{clock::Clock, history::History, load::Load, place::Place};

/// Names the assignment; without it this process is no part of a load.
const PART: &str = "SCROLLBACK_TEST_PART";

#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) place: Place,
    pub(super) load: Load,
    pub(super) clock: PathBuf,
    /// Where the history goes.
    pub(super) report: PathBuf,
}

impl Part {
    /// Starts this program again for this part.
    pub(super) fn start(&self) -> Child {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "concurrent::part::a_part_is_done_when_assigned", "--nocapture"])
            .env(PART, serde_json::to_string(self).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Waits for the process and takes in its report.
    pub(super) fn finish(&self, mut child: Child) -> History {
        assert!(child.wait().unwrap().success(), "its panic is on standard error");
        let report = BufReader::new(File::open(&self.report).unwrap());
        serde_json::from_reader(report).unwrap()
    }

    async fn run(self) {
        let store = self.place.open(8).await;
        let history = self.load.run(store, &Clock::at(&self.clock)).await;
        let mut report = BufWriter::new(File::create(&self.report).unwrap());
        serde_json::to_writer(&mut report, &history).unwrap();
        report.flush().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_is_done_when_assigned() {
    let Ok(part) = env::var(PART) else { return };

    serde_json::from_str::<Part>(&part).unwrap().run().await;
}
