//! Pages of conversations.

use crate::{
    conformance::{
        Fixture,
        support::{RACERS, User, at_once, ids, limit, turn},
    },
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    id::ConversationId,
    page::{Limit, Page},
};

/// Contract 8: the newest activity comes first, equal times by their ids.
pub async fn the_newest_activity_comes_first(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    at_once((0..RACERS).map(|_| {
        let ann = ann.clone();
        async move { ann.chat(1).await }
    }))
    .await;

    let listed = ann.list(ConversationQuery::new(Limit::MAX)).await.items;

    assert_eq!(listed.len(), RACERS);
    let newer = |a: &Conversation, b: &Conversation| (a.updated_at, a.id) > (b.updated_at, b.id);
    assert!(listed.is_sorted_by(newer), "the listing is not in order of (updated_at, id)");
}

/// Contract 8: every change moves a conversation to the front.
pub async fn every_change_moves_to_the_front(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let (a, b) = (ann.create().await.id, ann.create().await.id);
    let order = async || ids(&ann.list(ConversationQuery::default()).await.items);
    let update = async |id, change| ann.store.update(ann.id, id, change).await.unwrap();
    assert_eq!(order().await, [b, a], "after creating");

    ann.append(a, turn(1)).await;
    assert_eq!(order().await, [a, b], "after a turn");

    update(b, ConversationUpdate::new().with_title("New").unwrap()).await;
    assert_eq!(order().await, [b, a], "after a new title");

    update(a, ConversationUpdate::new().with_archived(true)).await;
    update(a, ConversationUpdate::new().with_archived(false)).await;
    assert_eq!(order().await, [a, b], "after archiving and back");

    update(b, ConversationUpdate::new()).await;
    assert_eq!(order().await, [b, a], "after an update of nothing");
}

/// Contract 8: active and archived conversations are two listings.
pub async fn active_and_archived_are_separate(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = five(&ann).await;
    for id in [chats[3], chats[1]] {
        let archive = ConversationUpdate::new().with_archived(true);
        assert!(ann.store.update(ann.id, id, archive).await.unwrap().archived);
    }

    let active = ann.listed(ConversationQuery::new(limit(2))).await;
    let archived = ann.listed(ConversationQuery::new(limit(1)).archived()).await;

    assert_eq!(ids(&active), [chats[0], chats[2], chats[4]]);
    assert_eq!(ids(&archived), [chats[1], chats[3]], "latest archived first");
    assert!(active.iter().all(|chat| !chat.archived) && archived.iter().all(|chat| chat.archived));
}

/// Contract 8: walking with any limit gives every conversation once, there and back.
pub async fn walking_gives_every_conversation_once(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = five(&ann).await;

    for n in 1..=6 {
        let query = ConversationQuery::new(limit(n));
        let there = ann.pages(query).await;
        assert!(there.iter().all(|page| page.items.len() <= n as usize), "more than {n}");
        assert_eq!(flat(&there), chats, "walking there by {n}");
        has_neighbours(&there);

        let mut back = vec![there.last().unwrap().clone()];
        while let Some(previous) = back[0].previous {
            assert!(back.len() < 6, "walking back by {n} does not end");
            back.insert(0, ann.list(query.at(previous)).await);
        }
        assert_eq!(flat(&back), chats, "walking back by {n}");
        has_neighbours(&back);
    }
}

/// Contract 8: what changes during a walk neither hides nor repeats what does not.
pub async fn walking_survives_changes(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = five(&ann).await;
    let query = ConversationQuery::new(limit(2));

    let first = ann.list(query).await;
    ann.create().await;
    // The cursor stands on this one; it moves away to the front.
    ann.append(chats[1], turn(1)).await;
    ann.store.delete(ann.id, chats[3], None).await.unwrap();
    let second = ann.list(query.at(first.next.expect("there is more"))).await;

    assert_eq!(ids(&first.items), chats[..2]);
    assert_eq!(ids(&second.items), [chats[2], chats[4]]);
}

/// Contract 8: walking back through changes meets what did not change once, and then the new.
pub async fn walking_back_survives_changes(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = five(&ann).await;
    let query = ConversationQuery::new(limit(2));
    let last = ann.pages(query).await.pop().unwrap();
    assert_eq!(ids(&last.items), chats[4..]);

    let new = ann.create().await.id;
    ann.append(chats[3], turn(1)).await;
    let mut found = Vec::new();
    let mut page = last;
    while let (Some(previous), 0..9) = (page.previous, found.len()) {
        page = ann.list(query.at(previous)).await;
        found.splice(0..0, ids(&page.items));
    }

    assert_eq!(found, [chats[3], new, chats[0], chats[1], chats[2]]);
}

/// Contract 8: a cursor needs no look-up; it outlives the conversation it came from.
pub async fn a_cursor_outlives_its_conversation(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chats = five(&ann).await;
    let query = ConversationQuery::new(limit(2));
    let next = ann.list(query).await.next.expect("there is more");

    ann.store.delete(ann.id, chats[1], None).await.unwrap();

    assert_eq!(ids(&ann.list(query.at(next)).await.items), chats[2..4]);
}

/// Five conversations, in the order of their listing.
async fn five(user: &User) -> Vec<ConversationId> {
    let mut chats = Vec::new();
    for _ in 0..5 {
        chats.insert(0, user.create().await.id);
    }
    chats
}

fn flat(pages: &[Page<Conversation>]) -> Vec<ConversationId> {
    pages.iter().flat_map(|page| ids(&page.items)).collect()
}

/// Only the first page has none before it, and only the last none after it.
#[track_caller]
fn has_neighbours(pages: &[Page<Conversation>]) {
    for (n, page) in pages.iter().enumerate() {
        assert_eq!(page.previous.is_some(), n > 0, "page {n} and the one before it");
        assert_eq!(page.next.is_some(), n + 1 < pages.len(), "page {n} and the one after it");
    }
}
