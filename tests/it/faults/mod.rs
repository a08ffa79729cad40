//! The promises under faults: cut, silent and lying connections, dropped calls, servers that end
//! sessions, refuse, restart, or only read.
//!
//! `SCROLLBACK_FAULT_ROUNDS` sets how often cuts, black holes, refusals and failovers are gone through.

mod bench;
mod cancel;
mod crowd;
mod cuts;
mod deadlocks;
mod expected;
mod failover;
mod fenced;
mod grouped;
mod habits;
mod health;
mod holes;
mod lies;
mod locks;
mod moving;
mod once;
mod op;
mod polls;
mod preflight;
mod refusals;
mod refusing;
mod scene;
mod sessions;
mod single;
mod stale;
mod standby;
mod tally;
mod watch;

pub(crate) use bench::{rows, unique, with_parameter};
pub(crate) use polls::{MOST_POLLS, give_up};

use crate::concurrent::from_env;

/// How often a test goes through all that it tries.
fn rounds() -> usize {
    from_env("SCROLLBACK_FAULT_ROUNDS").unwrap_or(1)
}
