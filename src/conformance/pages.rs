//! Pages of messages.

use crate::{
    conformance::{
        Fixture,
        support::{User, at, limit, positions, says},
    },
    id::ConversationId,
    message::Message,
    message_query::MessageQuery,
    page::{Limit, Page},
};

/// Contract 8: the last page holds the newest messages, oldest first.
pub async fn the_last_page_is_the_newest_in_order(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for n in 1..=8 {
        let page = ann.page(chat, MessageQuery::last(limit(n))).await;
        shows(&page, (8 - n.min(7))..=7, &format!("the last {n} of 7"));
    }
}

/// Contract 8: the first page holds the oldest messages.
pub async fn the_first_page_is_the_oldest_in_order(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for n in 1..=8 {
        let page = ann.page(chat, MessageQuery::first(limit(n))).await;
        shows(&page, 1..=n.min(7), &format!("the first {n} of 7"));
    }
}

/// Contract 8: a page before a position ends just before it.
pub async fn a_page_before_a_position_ends_just_before_it(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for position in 2..=8 {
        let page = ann.page(chat, MessageQuery::before(at(position), limit(3))).await;
        let end = position - 1;
        shows(&page, end.saturating_sub(2).max(1)..=end, &format!("3 before {position}"));
    }
    let none = ann.page(chat, MessageQuery::before(at(1), limit(3))).await;
    assert_empty(&none, "a page before the first message");
}

/// Contract 8: a page after a position starts just after it.
pub async fn a_page_after_a_position_starts_just_after_it(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for position in 1..=6 {
        let page = ann.page(chat, MessageQuery::after(at(position), limit(3))).await;
        shows(&page, position + 1..=(position + 3).min(7), &format!("3 after {position}"));
    }
}

/// Contract 8: beyond the end there is nothing after, and before is the newest page.
pub async fn positions_beyond_the_end_are_no_error(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for far in [7, 8, 1_000_000, u32::MAX] {
        let after = ann.page(chat, MessageQuery::after(at(far), limit(3))).await;
        assert_empty(&after, "a page after the end");
    }
    for far in [8, 9, 1_000_000, u32::MAX] {
        let before = ann.page(chat, MessageQuery::before(at(far), limit(3))).await;
        shows(&before, 5..=7, &format!("3 before {far}"));
    }
}

/// Contract 8: a conversation without messages is an empty page.
pub async fn a_conversation_without_messages_is_an_empty_page(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    for query in [
        MessageQuery::last(limit(5)),
        MessageQuery::first(Limit::MAX),
        MessageQuery::before(at(9), limit(5)),
        MessageQuery::after(at(9), limit(5)),
    ] {
        assert_empty(&ann.page(chat, query).await, "a page of an empty conversation");
    }
}

/// Contract 8: walking forwards with any limit gives every message once, in order.
pub async fn walking_forwards_gives_every_message_once(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for n in 1..=8 {
        let mut found = Vec::new();
        let mut page = ann.page(chat, MessageQuery::first(limit(n))).await;
        while found.len() < 7 {
            let start = found.len() as u32 + 1;
            shows(&page, start..=(start + n - 1).min(7), &format!("forwards by {n}"));
            found.extend(positions(&page.items));
            let Some(next) = page.next else { break };
            page = ann.page(chat, MessageQuery::at(next, limit(n))).await;
        }
        assert_eq!(found, [1, 2, 3, 4, 5, 6, 7], "forwards by {n}");
    }
}

/// Contract 8: walking backwards with any limit gives every message once.
pub async fn walking_backwards_gives_every_message_once(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;

    for n in 1..=8 {
        let mut end: u32 = 7;
        let mut page = ann.page(chat, MessageQuery::last(limit(n))).await;
        loop {
            let start = end.saturating_sub(n) + 1;
            shows(&page, start..=end, &format!("backwards by {n}"));
            end = start - 1;
            let Some(previous) = page.previous else { break };
            page = ann.page(chat, MessageQuery::at(previous, limit(n))).await;
        }
        assert_eq!(end, 0, "walking backwards by {n} ended early");
    }
}

/// Contract 8: what is appended during a walk forwards is met at its end, nothing twice.
pub async fn walking_forwards_survives_appends(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;
    let mut page = ann.page(chat, MessageQuery::first(limit(3))).await;
    let mut found = positions(&page.items);

    for _ in 0..5 {
        ann.append(chat, says(["meanwhile"])).await;
        let Some(next) = page.next else { break };
        page = ann.page(chat, MessageQuery::at(next, limit(3))).await;
        found.extend(positions(&page.items));
    }

    assert!(found.len() > 7, "what was appended during the walk was not met: {found:?}");
    assert_eq!(found, (1..=found.len() as u32).collect::<Vec<_>>());
}

/// Contract 8: what is appended during a walk backwards disturbs nothing.
pub async fn walking_backwards_survives_appends(fixture: &dyn Fixture) {
    let (ann, chat) = chat_of_seven(fixture).await;
    let mut page = ann.page(chat, MessageQuery::last(limit(3))).await;

    for expected in [5..=7, 2..=4, 1..=1] {
        assert_eq!(positions(&page.items), expected.collect::<Vec<_>>());
        ann.append(chat, says(["meanwhile"])).await;
        let Some(previous) = page.previous else { break };
        page = ann.page(chat, MessageQuery::at(previous, limit(3))).await;
    }

    assert_eq!((positions(&page.items), page.previous), (vec![1], None));
}

async fn chat_of_seven(fixture: &dyn Fixture) -> (User, ConversationId) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(7).await.id;
    (ann, chat)
}

/// The page holds exactly these positions of 7, and has neighbours exactly where there are some.
#[track_caller]
fn shows(page: &Page<Message>, expected: std::ops::RangeInclusive<u32>, what: &str) {
    let neighbours = (*expected.start() > 1, *expected.end() < 7);
    assert_eq!(positions(&page.items), expected.collect::<Vec<_>>(), "{what}");
    for message in &page.items {
        assert_eq!(*message.content, *format!("message {}", message.position), "{what}");
    }
    assert_eq!((page.previous.is_some(), page.next.is_some()), neighbours, "{what}: neighbours");
}

#[track_caller]
fn assert_empty(page: &Page<Message>, what: &str) {
    assert_eq!((page.items.len(), page.previous, page.next), (0, None, None), "{what}");
}
