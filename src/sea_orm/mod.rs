//! The SQL store.

mod connect;
mod error;
mod url;

pub use connect::Connect;
