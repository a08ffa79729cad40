//! The SQL store.

mod error;
