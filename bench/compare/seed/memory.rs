//! The same conversations in this process.

use scrollback::{
    ConversationStore, MemoryStore, NewConversation, UserId, limit::MAX_TURN_MESSAGES,
};

use crate::{
    contender::Result,
    data::{Bodies, Body, Plan},
    peers::{Map, turn_of},
};

/// Our store in memory.
pub(crate) async fn memory(bodies: &Bodies, plan: &Plan) -> Result<MemoryStore> {
    let store = MemoryStore::new();
    for chat in &plan.chats {
        let owner = UserId::new(chat.owner);
        let id = store.create(owner, NewConversation::new()).await?.id;
        let all: Vec<_> = (1..=chat.messages).map(|position| bodies.at(chat, position)).collect();
        for some in all.chunks(MAX_TURN_MESSAGES) {
            store.append(owner, id, turn_of(some)?).await?;
        }
    }
    Ok(store)
}

/// The dictionary.
pub(crate) fn map(bodies: &Bodies, plan: &Plan) -> Result<Map> {
    let map = Map::default();
    for chat in &plan.chats {
        let all: Vec<Body<'_>> =
            (1..=chat.messages).map(|position| bodies.at(chat, position)).collect();
        map.seed(chat, &all)?;
    }
    Ok(map)
}
