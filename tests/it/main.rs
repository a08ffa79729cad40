//! The tests, in one binary: linked once, and sharing one PostgreSQL server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod broken;
mod chat_sessions;
mod clock;
mod concurrent;
mod conformance;
mod connect;
mod crash;
mod database;
mod examples;
mod faults;
mod folder;
mod footprint;
mod ground;
mod grouped;
mod host;
#[cfg(feature = "http")]
mod http;
mod inputs;
mod migrating;
mod model;
mod plans;
mod pool;
mod poolers;
mod preflight;
mod round_trips;
mod row_security;
mod silence;
mod support;
mod threats;
mod ties;
mod versions;
