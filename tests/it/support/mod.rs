//! What the tests stand on.

mod capture;
mod cluster;
mod connections;
mod fault;
mod pgbouncer;
mod random;
mod roles;
mod schema;
mod wire;

pub(crate) use capture::Capture;
pub(crate) use cluster::{Cluster, Hardware, cluster};
pub(crate) use connections::{connections, pool};
pub(crate) use fault::{Fault, FaultProxy};
pub(crate) use pgbouncer::PgBouncer;
pub(crate) use random::Random;
pub(crate) use roles::Roles;
pub(crate) use schema::Schema;
pub(crate) use wire::Wire;
