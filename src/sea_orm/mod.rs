//! The SQL store.

mod connect;
mod error;
pub mod preflight;
mod url;

pub use connect::Connect;
