//! What an attacker tries: the threats that the project promises to withstand, by their number.

mod corpus;
mod creations;
mod crossings;
mod cursors;
mod enumeration;
mod erase;
mod gates;
mod grants;
mod hostile;
mod matrix;
mod methods;
mod noisy;
mod plan;
mod predicates;
mod requests;
mod rows;
mod server_role;
mod signatures;
mod tables;
mod tampered;
mod timing;
mod twins;
mod wire;

use std::sync::Arc;

use futures_util::TryStreamExt;
use scrollback::{
    Conversation, ConversationQuery, ConversationStore, ConversationStoreExt, Error, Limit,
    MemoryStore, Message, UserId,
    conformance::{Clones, Fixture},
};

pub(crate) use corpus::HOSTILE;
pub(crate) use tampered::{Tampered, predicates, without};

use crate::database::{OnPostgres, OnSqlite};

/// One of each kind of store.
async fn fixtures() -> [(&'static str, Arc<dyn Fixture>); 3] {
    [
        ("memory", Arc::new(Clones::new(MemoryStore::new()))),
        ("sqlite", Arc::new(OnSqlite::new().await)),
        ("postgres", Arc::new(OnPostgres::new().await)),
    ]
}

/// All that an owner has.
pub(crate) async fn everything(
    store: &dyn ConversationStore,
    owner: UserId,
) -> Vec<(Conversation, Vec<Message>)> {
    let mut all = Vec::new();
    let active = ConversationQuery::new(Limit::MAX);
    for listing in [active, active.archived()] {
        let chats: Vec<_> = store.walk_conversations(owner, listing).try_collect().await.unwrap();
        for chat in chats {
            // What a broken store lists of others is to be noticed, not to end the test.
            let messages = match store.walk_messages(owner, chat.id).try_collect().await {
                Err(Error::NotFound) => Vec::new(),
                messages => messages.unwrap(),
            };
            all.push((chat, messages));
        }
    }
    all
}
