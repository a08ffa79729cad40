//! The server as a program: started, asked over HTTP, stopped and killed as whoever runs it would; and
//! its page in a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod assets;
mod browser;
// Kept by the tests of the root crate, which stop and restart their servers as well.
#[path = "../../../../tests/it/support/cluster/mod.rs"]
#[expect(dead_code, reason = "these tests only stop and start it")]
mod cluster;
mod cookies;
mod endpoint;
mod history;
mod logs;
mod metrics;
mod person;
mod postgres;
mod program;
mod remote;
mod rules;
mod schemathesis;
mod sign_in;
mod stopping;
