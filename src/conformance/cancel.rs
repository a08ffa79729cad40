//! Calls that are dropped after every possible number of polls.

use std::{pin::pin, task::Poll};

use serde_json::json;

use crate::{
    conformance::{
        Fixture,
        support::{User, ids, key, limit, session, turn},
    },
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::Error,
    message_query::MessageQuery,
    metadata::Metadata,
    new_conversation::NewConversation,
    store::Erased,
    store_ext::ConversationStoreExt,
};

/// Longer than any store here needs; a call that takes more polls is only cancelled early.
const POLLS: u32 = 12;

/// Contract 6: a dropped append is stored whole or not at all, and sending it again settles it.
pub async fn a_dropped_append_is_whole_or_absent(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    for polls in 0..POLLS {
        let chat = ann.create().await.id;
        let turn = turn(4).with_key(key("dropped"));

        let done = give_up(ann.store.append(ann.id, chat, turn.clone()), polls).await;

        let found = ann.page(chat, MessageQuery::last(limit(9))).await.items.len();
        assert!(found == 0 || found == 4, "{found} of 4 messages after {polls} polls");
        ann.append(chat, turn).await;
        assert_eq!(ann.read(chat).await.len(), 4, "after sending it again");
        if done {
            break;
        }
    }
}

/// Contract 6: a dropped creation happens once at most, and opening its session settles it.
pub async fn a_dropped_creation_happens_once_at_most(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    for polls in 0..POLLS {
        let tab = session(&format!("tab {polls}"));
        let new = NewConversation::new().with_session(tab.clone());

        let done = give_up(ann.store.create(ann.id, new), polls).await;

        ann.store.open_session(ann.id, &tab).await.expect("the session cannot be opened");
        let listed = ann.listed(ConversationQuery::default()).await.len();
        assert_eq!(listed, polls as usize + 1, "conversations after {polls} polls");
        if done {
            break;
        }
    }
}

/// Contract 6: a dropped update holds for all its fields or for none.
pub async fn a_dropped_update_is_whole_or_absent(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let metadata = Metadata::new(json!({ "new": true })).unwrap();
    let update = ConversationUpdate::new().with_title("New").unwrap().with_metadata(metadata);
    for polls in 0..POLLS {
        let chat = ann.create().await.id;

        let done = give_up(ann.store.update(ann.id, chat, update.clone()), polls).await;

        let found = ann.get(chat).await;
        assert_eq!(found.title.is_some(), !found.metadata.is_empty(), "after {polls} polls");
        let again = ann.store.update(ann.id, chat, update.clone()).await.unwrap();
        assert!(again.title.is_some() && !again.metadata.is_empty(), "after updating again");
        if done {
            break;
        }
    }
}

/// Contract 6: a dropped delete takes everything or nothing.
pub async fn a_dropped_delete_is_whole_or_absent(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    for polls in 0..POLLS {
        let chat = ann.chat(3).await.id;

        let done = give_up(ann.store.delete(ann.id, chat, None), polls).await;

        match ann.store.messages(ann.id, chat, MessageQuery::last(limit(9))).await {
            Ok(page) => assert_eq!(page.items.len(), 3, "messages left after {polls} polls"),
            Err(error) => assert!(matches!(error, Error::NotFound), "answered {error:?}"),
        }
        // Whether it finds anything depends on where the first was dropped.
        let _gone = ann.store.delete(ann.id, chat, None).await;
        assert!(ann.everything().await.is_empty(), "after deleting again");
        if done {
            break;
        }
    }
}

/// Contract 6: a dropped erase takes everything or nothing.
pub async fn a_dropped_erase_is_whole_or_absent(fixture: &dyn Fixture) {
    for polls in 0..POLLS {
        // Another one each time: what was dropped may be carried out later, and ends these then.
        let ann = User::new(fixture).await;
        ann.chat(2).await;
        ann.chat(3).await;

        let done = give_up(ann.store.erase(ann.id), polls).await;

        let rest = ann.store.erase(ann.id).await.unwrap();
        let whole = rest == Erased::new(2, 5) || rest == Erased::default();
        assert!(whole, "{rest:?} was left after {polls} polls");
        assert!(ann.everything().await.is_empty(), "after erasing again");
        if done {
            break;
        }
    }
}

/// Contract 6: dropped reads leave the store usable.
pub async fn dropped_reads_leave_the_store_usable(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let tab = session("tab");
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await;
    let (store, owner, id) = (&ann.store, ann.id, chat.id);

    for polls in 0..POLLS {
        give_up(store.get(owner, id), polls).await;
        give_up(store.find_session(owner, &tab), polls).await;
        give_up(store.list(owner, ConversationQuery::default()), polls).await;
        give_up(store.messages(owner, id, MessageQuery::last(limit(2))), polls).await;

        assert!(ann.get(id).await == chat, "reads differently after {polls} polls");
        assert!(store.find_session(owner, &tab).await.unwrap() == chat);
        assert_eq!(ids(&ann.list(ConversationQuery::default()).await.items), [id]);
        assert!(ann.read(id).await.is_empty());
    }
}

/// Polls a call so many times and drops it; whether it had ended by then.
async fn give_up(call: impl Future + Send, polls: u32) -> bool {
    let mut call = pin!(call);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match call.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
