//! Makes one call of a store again and again, for `scripts/instructions`, which counts what the
//! processor does for it: the same on a quiet machine and on a loaded one.
//!
//! `server` starts a PostgreSQL, says where it is and runs it until its input ends; any other argument
//! is an operation of [`operation::NAMES`], followed by how often to call it.

#[expect(dead_code, reason = "the tests break servers in ways that this does not")]
#[path = "../../tests/it/support/cluster/mod.rs"]
mod cluster;
mod operation;
mod stores;

use std::{
    env, error,
    io::{self, Read, Write},
};

use cluster::Cluster;
use operation::Operation;

type Result<T, E = Box<dyn error::Error + Send + Sync>> = std::result::Result<T, E>;

const USAGE: &str = "usage: instructions server | names | STORE/OPERATION CALLS";

fn main() -> Result<()> {
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["server"] => serve(),
        ["names"] => say(&operation::NAMES.join("\n")),
        [name, calls] => call(Operation::named(name).ok_or(USAGE)?, calls.parse()?),
        _ => Err(USAGE.into()),
    }
}

fn serve() -> Result<()> {
    let cluster = Cluster::start();
    say(&cluster.url())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(cluster);
    Ok(())
}

/// One thread, so that no wake-up of another is counted or not by chance.
fn call(operation: Operation, calls: u32) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(operation.call(calls))
}

fn say(line: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
