//! The rules that every store must pass: one function per rule, each citing its number in the
//! [contract](crate::ConversationStore#contract).
//!
//! The author of a store writes a [`Fixture`] and one line, and gets one named test per rule. The
//! tests need no runtime of their own; they run in any order, in parallel, on one database.
//!
//! ```
//! use std::sync::Arc;
//! use scrollback::{ConversationStore, MemoryStore, UserId, conformance::Fixture};
//!
//! /// Access to one database; here, to one memory.
//! #[derive(Default)]
//! struct Mine(MemoryStore);
//!
//! #[scrollback::async_trait]
//! impl Fixture for Mine {
//!     async fn store(&self) -> Arc<dyn ConversationStore> {
//!         Arc::new(self.0.clone())
//!     }
//!
//!     async fn owner(&self) -> UserId {
//!         scrollback::conformance::unused_owner()
//!     }
//! }
//!
//! mod my_store {
//!     scrollback::conformance_tests!(super::Mine::default());
//! }
//! ```
//!
//! Rules panic when they are broken, like any test.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "every rule is a test: it panics when it is broken"
)]

mod fixture;
mod list;
mod rule;
mod support;

pub mod bounds;
pub mod cancel;
pub mod cursors;
pub mod delete;
pub mod erase;
pub mod isolation;
pub mod keys;
pub mod limits;
pub mod listing;
pub mod order;
pub mod ownership;
pub mod pages;
pub mod payloads;
pub mod readable;
pub mod sessions;
pub mod silence;
pub mod turns;
pub mod update;
pub mod versions;
pub mod visibility;

pub use fixture::{Clones, Fixture, unused_owner};
pub use rule::{Rule, rules, run};
