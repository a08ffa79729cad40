//! What is stored before anything is measured: the same for everybody.

mod bodies;
mod plan;

pub(crate) use bodies::{Bodies, Body, texts};
pub(crate) use plan::{Chat, Plan, stored_at};
