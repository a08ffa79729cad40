//! A writer as its murderer sees it.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::writer::{ASSIGNMENT, Assignment, Line};
use crate::concurrent::Append;

/// Lets a writer run until it has acknowledged so many turns, or begun them, and kills it wherever it
/// is then; returns what it had sent.
pub(super) fn run_until_killed(assignment: &Assignment, acknowledged: u64) -> Vec<Append> {
    let mut child = start(assignment);
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut appends = BTreeMap::new();
    let mut left = acknowledged;
    for line in output.lines() {
        // What the test harness prints, and a line that the death cut short, are no such lines.
        let Ok(line) = serde_json::from_str(&line.unwrap()) else { continue };
        let counts = !matches!(line, Line::Sent(_));
        let (Line::Sent(append) | Line::Begun(append) | Line::Acknowledged(append)) = line;
        appends.insert(append.turn, append);
        if counts && left > 0 {
            left -= 1;
            if left == 0 {
                child.kill().unwrap();
            }
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(left, 0, "it ended by itself: {status}");
    appends.into_values().collect()
}

fn start(assignment: &Assignment) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::writer::a_writer_writes_when_assigned", "--nocapture"])
        .env(ASSIGNMENT, serde_json::to_string(assignment).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}
