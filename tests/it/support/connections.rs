//! How large the pools of the tests are.

use std::env;

/// Names how many connections a pool of the tests may have at most.
pub(crate) const CONNECTIONS: &str = "SCROLLBACK_TEST_CONNECTIONS";

/// `n` connections, or as many as [`CONNECTIONS`] allows where that is fewer: a library that never holds
/// two at a time passes with one. Tests that hold one themselves ask for a number without this.
pub(crate) fn connections(n: u32) -> u32 {
    most_connections().map_or(n, |most| n.min(most))
}

/// What the environment allows.
pub(crate) fn most_connections() -> Option<u32> {
    let text = env::var(CONNECTIONS).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{CONNECTIONS} must be a number")))
}
