//! The second fence: PostgreSQL itself keeps owners apart, from whoever has forgotten to.

mod connect;
mod cost;
mod deleting;
mod fixture;
mod kit;
mod setting;
mod statements;

pub(crate) use fixture::Fenced;
