//! What was measured, as a table, as JSON and as pictures.

mod figures;
mod plot;
mod ratio;
mod table;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{args::Args, contender::Result, growth::Growth, machine::Machine, targets::Target};

pub(crate) use figures::{Figures, Line, Outcome, P50, Summary, THROUGHPUT};
pub(crate) use plot::{comparison, growth};
pub(crate) use ratio::Spread;
pub(crate) use table::{growth as print_growth, print, say, targets as print_targets};

/// The content of `compare.json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) server: Vec<(String, String)>,
    pub(crate) seed: u64,
    pub(crate) messages: u64,
    pub(crate) rounds: usize,
    pub(crate) slice_ms: u64,
    pub(crate) durable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lines: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<Target>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) growth: Option<&'a Growth>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(args: &Args, machine: &'a Machine, seed: u64) -> Self {
        Self {
            machine,
            server: Vec::new(),
            seed,
            messages: args.messages(),
            rounds: args.rounds(),
            slice_ms: args.slice,
            durable: !args.no_durability,
            lines: Vec::new(),
            targets: Vec::new(),
            growth: None,
        }
    }

    /// Writes it beside what cargo builds.
    pub(crate) fn write(&self, name: &str) -> Result<PathBuf> {
        let file = folder()?.join(name);
        fs::write(&file, serde_json::to_string_pretty(self)?)?;
        Ok(file)
    }
}

/// The target folder of this workspace.
fn folder() -> Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let folder = env::var_os("CARGO_TARGET_DIR").map_or(own, PathBuf::from);
    fs::create_dir_all(folder.join("compare"))?;
    Ok(folder.canonicalize()?)
}

/// Where pictures go.
fn pictures() -> Result<PathBuf> {
    Ok(folder()?.join("compare"))
}
