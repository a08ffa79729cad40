//! Where the tests ran, and on what.

use std::{collections::BTreeSet, fs, thread};

use serde::Serialize;

use crate::{entry::Entry, shell::output};

/// The machine, without its name.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) processors: usize,
    pub(super) memory: String,
    pub(super) system: String,
    /// Name and version of the compiler, the crates below us and the servers.
    pub(super) versions: Vec<(String, String)>,
}

/// The crates below us whose behaviour the promises rest on.
const CRATES: [&str; 4] = ["sea-orm", "sea-orm-migration", "sqlx-core", "tokio"];

impl Machine {
    pub(super) fn here(entries: &[Entry]) -> Self {
        let mut versions = vec![("rustc".to_owned(), word(&output("rustc", &["--version"]), 1))];
        versions.extend(locked());
        versions.extend(met(entries));
        Self {
            processor: line_of("/proc/cpuinfo", "model name"),
            processors: thread::available_parallelism().map_or(0, Into::into),
            memory: memory(),
            system: output("uname", &["-sm"]),
            versions,
        }
    }
}

/// What the tests met, each once.
fn met(entries: &[Entry]) -> BTreeSet<(String, String)> {
    let versions = entries.iter().filter_map(|entry| match entry {
        Entry::Version { name, version } => Some((name.clone(), version.clone())),
        _ => None,
    });
    versions.collect()
}

/// The versions in `Cargo.lock`.
fn locked() -> Vec<(String, String)> {
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
    };
    CRATES.into_iter().filter_map(version).collect()
}

fn memory() -> String {
    let line = line_of("/proc/meminfo", "MemTotal");
    let kilobytes = line.strip_suffix(" kB").and_then(|number| number.parse::<u64>().ok());
    kilobytes.map_or(line, |kilobytes| format!("{} GiB", kilobytes >> 20))
}

fn line_of(file: &str, key: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':'));
    line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn word(text: &str, n: usize) -> String {
    text.split_whitespace().nth(n).unwrap_or("unknown").to_owned()
}
