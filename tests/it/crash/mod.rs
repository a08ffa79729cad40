//! Killed and full: the application dies while it appends, the server crashes, restarts, or has no
//! room left under it.
//!
//! What these tests prove: whatever was acknowledged had left the process, and had been handed to the
//! operating system by PostgreSQL, before the acknowledgement. What they do not prove: that it had
//! reached the disk. A killed process keeps the page cache, so only cutting the power tests `fsync`
//! (and the servers of these tests run with `fsync=off`).
//!
//! `SCROLLBACK_CRASH_CYCLES` sets how often the application is killed, `SCROLLBACK_CRASH_RESTARTS` how
//! often the server, `SCROLLBACK_RESTARTS` how often it is restarted, and how often it ends all
//! sessions, and `SCROLLBACK_DISK_FILLS` how often a disk is filled; `scripts/prove` sets them for a
//! long run.

mod application;
mod bench;
mod damage;
mod disk;
mod power;
mod reader;
mod restart;
mod server;
mod survivor;
mod told;
mod victim;
mod writer;
