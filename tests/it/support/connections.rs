//! The pools of the tests: of which kind, and how large.

use std::env;

use scrollback::{Connect, ConnectError, Pool};

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

/// Names the kind of pool: `seaorm` for SeaORM's own, as a host brings it; ours otherwise.
const POOL: &str = "SCROLLBACK_TEST_POOL";

/// A pool of the kind that the environment asks for.
pub(crate) async fn pool(connect: Connect) -> Result<Pool, ConnectError> {
    match env::var(POOL).as_deref() {
        Ok("seaorm") => connect.open().await.map(Pool::from),
        Ok(other) => panic!("{POOL} is {other}: it may be seaorm, or not be set"),
        Err(_) => Pool::open(connect).await,
    }
}
