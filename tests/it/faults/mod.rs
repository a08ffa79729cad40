//! The promises under faults: cut, silent and lying connections, dropped calls, servers that end
//! sessions, refuse, or restart.

mod bench;
mod cancel;
mod cuts;
mod expected;
mod holes;
mod lies;
mod op;
mod preflight;
mod refusals;
mod scene;
mod sessions;
mod stale;
