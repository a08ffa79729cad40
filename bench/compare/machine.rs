//! On what was measured.

use std::{fs, process::Command, thread};

use chrono::{SecondsFormat, Utc};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    date: String,
    cores: usize,
    processor: String,
    kernel: String,
    /// The load of the last minute when the run began: what else went on.
    load: String,
    rustc: String,
    commit: String,
    crates: Vec<String>,
}

/// Whose versions matter.
const CRATES: [&str; 14] = [
    "data-connector",
    "deadpool",
    "deadpool-postgres",
    "diesel",
    "diesel-async",
    "libsqlite3-sys",
    "rusqlite",
    "scrollback",
    "sea-orm",
    "sqlx",
    "sqlx-postgres",
    "sqlx-sqlite",
    "tokio",
    "tokio-postgres",
];

impl Machine {
    pub(crate) fn look() -> Self {
        let read = |file| fs::read_to_string(file).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
        let load = read("/proc/loadavg");
        Self {
            date: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            cores: thread::available_parallelism().map_or(0, usize::from),
            processor: model.unwrap_or_default().trim_start_matches([' ', '\t', ':']).to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
            rustc: said(&["rustc", "--version"]),
            commit: said(&["git", "describe", "--always", "--dirty"]),
            crates: versions(),
        }
    }

    /// The line over the table.
    pub(crate) fn line(&self) -> String {
        let Self { date, cores, processor, load, commit, .. } = self;
        format!("{date}, commit {commit}, {cores} cores ({processor}), load {load} at the start")
    }
}

/// What a program prints, where there is such a program.
fn said(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}

/// From the lock file with which this was built.
fn versions() -> Vec<String> {
    let lock = include_str!("../../Cargo.lock");
    let packages = lock.split("[[package]]").filter_map(|package| {
        let value = |key| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_matches('"'))
        };
        Some((value("name = ")?, value("version = ")?))
    });
    let wanted = packages.filter(|(name, _)| CRATES.contains(name));
    wanted.map(|(name, version)| format!("{name} {version}")).collect()
}
