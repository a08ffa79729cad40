//! The migrations, on a private PostgreSQL server and on SQLite.

mod appended;
mod binary;
mod catalogue;
// Kept by the tests of the root crate, which stop and restart their servers as well.
#[path = "../../../tests/it/support/cluster/mod.rs"]
#[expect(dead_code, reason = "these tests only need the address")]
mod cluster;
mod concurrent;
mod database;
mod names;
mod owners;
// Its wildcard entry leads to any database of that server.
#[path = "../../../tests/it/support/pgbouncer.rs"]
#[expect(dead_code, reason = "these tests only pool sessions")]
mod pgbouncer;
mod processes;
mod rights;
mod row_security;
mod schema;
mod up_and_down;
mod users;
