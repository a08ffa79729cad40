//! Killed processes: of the application in the middle of appending, and of the server under it.
//!
//! What these tests prove: whatever was acknowledged had left the process, and had been handed to the
//! operating system by PostgreSQL, before the acknowledgement. What they do not prove: that it had
//! reached the disk. A killed process keeps the page cache, so only cutting the power tests `fsync`
//! (and the servers of these tests run with `fsync=off`).
//!
//! `SCROLLBACK_CRASH_CYCLES` sets how often the application is killed, `SCROLLBACK_CRASH_RESTARTS` how
//! often the server; `scripts/history` sets both for a long run.

mod application;
mod damage;
mod server;
mod survivor;
mod victim;
mod writer;
