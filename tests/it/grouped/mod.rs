//! Turns that share a statement: each keeps its own answer, its order and its promise under faults.

mod alone;
mod bench;
mod bounds;
mod cancel;
mod cuts;
mod kit;
mod plan;
mod sharing;
mod versions;

pub(crate) use bench::SHARED;
pub(crate) use kit::OnGrouping;
