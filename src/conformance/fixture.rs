//! How the rules reach a store.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{id::UserId, store::ConversationStore};

/// Access to one database for as long as the fixture lives.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// A store over the database; several calls give several stores over the same data.
    ///
    /// A fixture that can opens a connection of its own for each, as another process would.
    async fn store(&self) -> Arc<dyn ConversationStore>;

    /// A user whom nobody has used yet; a store with a users table registers one.
    async fn owner(&self) -> UserId;
}

/// A random owner that nobody has used, in no process; enough for stores without a users table.
///
/// # Examples
///
/// ```
/// use scrollback::conformance::unused_owner;
///
/// assert_ne!(unused_owner(), unused_owner());
/// ```
#[must_use]
pub fn unused_owner() -> UserId {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    // Users tables count upwards from 1: no negative numbers.
    UserId::new((random >> 1).cast_signed())
}

/// The fixture of a store that has no users table and whose clones share their data.
///
/// # Examples
///
/// ```
/// mod memory {
///     scrollback::conformance_tests!(scrollback::conformance::Clones::new(
///         scrollback::MemoryStore::new()
///     ));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Clones<S>(S);

impl<S: ConversationStore + Clone> Clones<S> {
    /// A fixture over the data of `store`.
    #[must_use]
    pub const fn new(store: S) -> Self {
        Self(store)
    }
}

#[async_trait]
impl<S: ConversationStore + Clone> Fixture for Clones<S> {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Arc::new(self.0.clone())
    }

    async fn owner(&self) -> UserId {
        unused_owner()
    }
}
