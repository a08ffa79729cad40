//! The tests, in one binary: linked once, and sharing one PostgreSQL server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod broken;
mod chat_sessions;
mod conformance;
mod database;
mod examples;
mod faults;
mod ground;
mod host;
mod model;
mod plans;
mod round_trips;
mod silence;
mod support;
