//! Every store stops at the same values: what is as large as a limit is stored and reads back, and
//! what is larger is refused as invalid.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use scrollback::{
    ConversationStore, ConversationUpdate, Error, Limit, MessageQuery, Metadata, NewConversation,
    NewMessage, Result, SessionId, Turn, TurnKey, UserId, limit,
};
use scrollback_proof::{I15, Trial, control};
use serde_json::{Value, json};

use super::stores::{Stores, memory};
use crate::broken::inputs::with_a_lower_limit;

type Store = Arc<dyn ConversationStore>;

/// Stores something of this size and tells whether it reads back.
type Attempt = fn(Store, UserId, usize) -> BoxFuture<'static, Result<bool>>;

/// What is limited, at which size, and how it is tried.
const LIMITS: &[(&str, usize, Attempt)] = &[
    ("content", limit::MAX_CONTENT_BYTES, |store, owner, size| {
        Box::pin(async move { append(&store, owner, [NewMessage::user("x".repeat(size))]).await })
    }),
    ("turn", limit::MAX_TURN_MESSAGES, |store, owner, size| {
        Box::pin(async move { append(&store, owner, vec![NewMessage::user("x"); size]).await })
    }),
    ("turn key", limit::MAX_KEY_BYTES, |store, owner, size| Box::pin(key(store, owner, size))),
    ("title", limit::MAX_TITLE_BYTES, |store, owner, size| Box::pin(title(store, owner, size))),
    ("session id", limit::MAX_KEY_BYTES, |store, owner, size| {
        Box::pin(session(store, owner, size))
    }),
    ("metadata", limit::MAX_METADATA_BYTES, |store, owner, size| {
        let text = "x".repeat(size - r#"{"k":""}"#.len());
        Box::pin(metadata(store, owner, json!({ "k": text })))
    }),
    ("metadata's depth", limit::MAX_METADATA_DEPTH, |store, owner, size| {
        let deep = (1..size).fold(json!({}), |inner, _| json!({ "k": inner }));
        Box::pin(metadata(store, owner, deep))
    }),
    ("page", limit::MAX_PAGE_ITEMS as usize, |store, owner, size| {
        Box::pin(page(store, owner, size))
    }),
];

#[tokio::test]
async fn all_stores_stop_at_the_same_values() {
    let stores = Stores::open().await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (number, (name, store)) in (1..).zip(&stores.list) {
        let (n, found) = trips(store, UserId::new(number)).await;
        tried += n;
        wrong.extend(found.into_iter().map(|it| format!("{name}: {it}")));
    }

    Trial::of(I15, "sizes one below, at and one above each limit, sent to each store")
        .times(tried)
        .wrong("stopped elsewhere", wrong.len())
        .figure("limits", LIMITS.len())
        .figure("stores", stores.list.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_store_with_another_limit_is_found() {
    let (_, none) = trips(&memory().1, UserId::new(1)).await;

    let (_, found) = trips(&with_a_lower_limit().await, UserId::new(1)).await;

    control(I15, "a store that stops at titles of 511 bytes", !found.is_empty(), 1);
    assert_eq!((none.len(), found.len()), (0, 1), "{none:?} {found:?}");
}

/// How many sizes were tried, and which of them a store took for something else than they are.
async fn trips(store: &Store, owner: UserId) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (what, max, attempt) in LIMITS {
        for size in [max - 1, *max, max + 1] {
            let answer = attempt(Arc::clone(store), owner, size).await;
            let right = match &answer {
                Ok(reads_back) => size <= *max && *reads_back,
                Err(error) => size > *max && matches!(error, Error::InvalidInput { .. }),
            };
            tried += 1;
            wrong.extend((!right).then(|| format!("{what} of {size}: {answer:?}")));
        }
    }
    (tried, wrong)
}

async fn append(
    store: &Store,
    owner: UserId,
    messages: impl IntoIterator<Item = NewMessage>,
) -> Result<bool> {
    send(store, owner, Turn::new(messages)?).await
}

async fn send(store: &Store, owner: UserId, turn: Turn) -> Result<bool> {
    let chat = store.create(owner, NewConversation::new()).await?.id;
    store.append(owner, chat, turn.clone()).await?;
    let page = store.messages(owner, chat, MessageQuery::first(Limit::MAX)).await?;
    Ok(turn.matches(&page.items))
}

async fn key(store: Store, owner: UserId, size: usize) -> Result<bool> {
    let key = TurnKey::new("k".repeat(size))?;
    send(&store, owner, Turn::new([NewMessage::user("x")])?.with_key(key)).await
}

async fn title(store: Store, owner: UserId, size: usize) -> Result<bool> {
    let title = "t".repeat(size);
    let chat = store.create(owner, NewConversation::new().with_title(title.as_str())?).await?;
    let update = ConversationUpdate::new().with_title(title.as_str())?;
    let updated = store.update(owner, chat.id, update).await?;
    Ok([chat, updated].iter().all(|chat| chat.title.as_deref() == Some(&*title)))
}

async fn session(store: Store, owner: UserId, size: usize) -> Result<bool> {
    let session = SessionId::new("s".repeat(size))?;
    let chat = store.create(owner, NewConversation::new().with_session(session.clone())).await?;
    Ok(store.find_session(owner, &session).await? == chat)
}

async fn metadata(store: Store, owner: UserId, value: Value) -> Result<bool> {
    let metadata = Metadata::new(value)?;
    let chat = store.create(owner, NewConversation::new().with_metadata(metadata.clone())).await?;
    let message = NewMessage::user("x").with_metadata(metadata.clone());
    Ok(chat.metadata == metadata && append(&store, owner, [message]).await?)
}

async fn page(store: Store, owner: UserId, size: usize) -> Result<bool> {
    let limit = Limit::new(size as u32)?;
    let chat = store.create(owner, NewConversation::new()).await?.id;
    let page = store.messages(owner, chat, MessageQuery::last(limit)).await?;
    Ok(page.items.is_empty())
}
