//! Cursors that are not the caller's to use.

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_bad_cursor, limit},
    },
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    cursor::Cursor,
    error::Result,
    id::ConversationId,
    message_query::MessageQuery,
};

/// Contract 8: a cursor of a listing that was altered anywhere is refused.
pub async fn an_altered_listing_cursor_is_refused(fixture: &dyn Fixture) {
    let (ann, _) = two_chats(fixture).await;

    for altered in alterations(listing_cursor(&ann).await) {
        let answer = match altered.parse() {
            Ok(cursor) => ann.store.list(ann.id, query().at(cursor)).await.map(drop),
            Err(error) => Err(error),
        };
        assert_bad_cursor(answer, &format!("the altered cursor {altered}"));
    }
}

/// Contract 8: a cursor of messages that was altered anywhere is refused.
pub async fn an_altered_message_cursor_is_refused(fixture: &dyn Fixture) {
    let (ann, [chat, _]) = two_chats(fixture).await;

    for altered in alterations(message_cursor(&ann, chat).await) {
        let answer = match altered.parse() {
            Ok(cursor) => continue_at(&ann, chat, cursor).await,
            Err(error) => Err(error),
        };
        assert_bad_cursor(answer, &format!("the altered cursor {altered}"));
    }
}

/// Contract 8: a cursor that was cut short, lengthened or made up is refused.
pub async fn a_cursor_cut_short_is_refused(fixture: &dyn Fixture) {
    let (ann, [chat, _]) = two_chats(fixture).await;

    for cursor in [listing_cursor(&ann).await, message_cursor(&ann, chat).await] {
        let text = cursor.to_string();
        assert!(text.parse::<Cursor>().unwrap() == cursor, "a cursor does not survive as text");
        for end in 0..text.len() {
            assert_bad_cursor(text[..end].parse::<Cursor>(), "a cursor that was cut short");
        }
        assert_bad_cursor(format!("{text}A").parse::<Cursor>(), "a cursor that was lengthened");
    }
}

/// Contract 8: a cursor of one listing is refused by the others.
pub async fn a_cursor_of_another_listing_is_refused(fixture: &dyn Fixture) {
    let (ann, [chat, _]) = two_chats(fixture).await;
    let (of_listing, of_messages) = (listing_cursor(&ann).await, message_cursor(&ann, chat).await);

    let archived = ann.store.list(ann.id, query().archived().at(of_listing)).await;
    let listing = ann.store.list(ann.id, query().at(of_messages)).await;
    let messages = continue_at(&ann, chat, of_listing).await;

    assert_bad_cursor(archived, "a cursor of the active listing in the archive");
    assert_bad_cursor(listing, "a cursor of messages in a listing");
    assert_bad_cursor(messages, "a cursor of a listing in messages");
}

/// Contract 8: a cursor of one conversation is refused by another of the same owner.
pub async fn a_cursor_of_another_conversation_is_refused(fixture: &dyn Fixture) {
    let (ann, [chat, other]) = two_chats(fixture).await;
    let cursor = message_cursor(&ann, chat).await;

    let answer = continue_at(&ann, other, cursor).await;

    assert_bad_cursor(answer, "a cursor of another conversation");
    assert!(continue_at(&ann, chat, cursor).await.is_ok(), "its own cursor was refused");
}

/// Contract 8: a cursor of another owner is refused, in the listing and in messages.
pub async fn a_cursor_of_another_owner_is_refused(fixture: &dyn Fixture) {
    let (ann, [chat, _]) = two_chats(fixture).await;
    let (ben, [own, _]) = two_chats(fixture).await;
    let (of_listing, of_messages) = (listing_cursor(&ann).await, message_cursor(&ann, chat).await);

    let listing = ben.store.list(ben.id, query().at(of_listing)).await;
    let messages = continue_at(&ben, own, of_messages).await;

    assert_bad_cursor(listing, "a foreign cursor in a listing");
    assert_bad_cursor(messages, "a foreign cursor in messages");
}

/// Contract 1: a foreign cursor tells nothing about the conversation it came from.
pub async fn a_foreign_cursor_tells_nothing(fixture: &dyn Fixture) {
    let (ann, [chat, _]) = two_chats(fixture).await;
    let cursor = message_cursor(&ann, chat).await;
    let ben = User::new(fixture).await;

    let foreign = continue_at(&ben, chat, cursor).await;
    let unknown = continue_at(&ben, ConversationId::new(i64::MAX - 1), cursor).await;

    let (foreign, unknown) = (format!("{foreign:?}"), format!("{unknown:?}"));
    assert_eq!(foreign, unknown, "a foreign conversation is told from an unknown one");
    assert!(foreign.starts_with("Err"), "a foreign cursor was accepted");
}

/// An owner with three messages in each of two conversations.
async fn two_chats(fixture: &dyn Fixture) -> (User, [ConversationId; 2]) {
    let user = User::new(fixture).await;
    let chats = [user.chat(3).await.id, user.chat(3).await.id];
    // The archive is a listing with something in it.
    let archived = user.chat(1).await.id;
    let update = ConversationUpdate::new().with_archived(true);
    user.store.update(user.id, archived, update).await.unwrap();
    (user, chats)
}

fn query() -> ConversationQuery {
    ConversationQuery::new(limit(1))
}

async fn listing_cursor(user: &User) -> Cursor {
    user.list(query()).await.next.expect("there is a second page")
}

async fn message_cursor(user: &User, chat: ConversationId) -> Cursor {
    user.page(chat, MessageQuery::last(limit(1))).await.previous.expect("there is an older page")
}

async fn continue_at(user: &User, chat: ConversationId, cursor: Cursor) -> Result<()> {
    user.store.messages(user.id, chat, MessageQuery::at(cursor, limit(2))).await.map(drop)
}

/// The text with each of its characters replaced in turn.
fn alterations(cursor: Cursor) -> impl Iterator<Item = String> {
    let text = cursor.to_string();
    (0..text.len()).map(move |at| {
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    })
}
