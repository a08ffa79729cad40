//! Two owners whose conversations have the same number, as rows that were merged by hand may.
//!
//! The store never makes such rows: they show that each predicate names the owner for itself.

use std::sync::Arc;

use scrollback::{ConversationStore, Limit, Message, MessageQuery, NewConversation, Result};
use sea_orm::ConnectionTrait;

use super::{
    rows::{key, turn},
    tampered::Sql,
};

/// How much was asked, and what an owner is told of a conversation whose number somebody else's has too; empty where
/// numbers are unique among all owners.
pub(super) async fn mixed_up(
    database: &Sql,
    store: Arc<impl ConversationStore>,
) -> (usize, Vec<&'static str>) {
    if database.name != "postgres" {
        return (0, Vec::new());
    }
    let intact = database.fixture.store().await;
    let (ann, ben) = (database.fixture.owner().await, database.fixture.owner().await);
    let chat = intact.create(ann, NewConversation::new()).await.unwrap().id;
    intact.append(ann, chat, turn(2).with_key(key("first"))).await.unwrap();
    let sql = format!(
        "INSERT INTO conversations (user_id, id, created_at, updated_at, message_count)
           OVERRIDING SYSTEM VALUE VALUES ({ben}, {chat}, now(), now(), 3);
         INSERT INTO messages
           (user_id, conversation_id, created_at, position, turn_index, role, turn_key, content)
         VALUES ({ben}, {chat}, now(), 1, 1, 'user', 'first', 'twin'),
                ({ben}, {chat}, now(), 2, 2, 'user', 'first', 'twin'),
                ({ben}, {chat}, now(), 3, 1, 'user', 'twins', 'twin')",
        ben = ben.get(),
        chat = chat.get(),
    );
    database.connection.execute_unprepared(&sql).await.unwrap();

    let own = |answer: Result<Vec<Message>>, count| {
        answer.is_ok_and(|messages| {
            messages.len() == count && messages.iter().all(|message| &*message.content != "twin")
        })
    };
    let page = store.messages(ann, chat, MessageQuery::last(Limit::MAX)).await;
    let replayed = store.append(ann, chat, turn(2).with_key(key("first"))).await;
    let appended = store.append(ann, chat, turn(1).with_key(key("twins"))).await;
    let twins = intact.messages(ben, chat, MessageQuery::last(Limit::MAX)).await;
    let answers = [
        ("a page", own(page.map(|page| page.items), 2)),
        ("a replay", own(replayed.map(|answer| answer.messages), 2)),
        ("a key of the twin's", own(appended.map(|answer| answer.messages), 1)),
        ("the twin", twins.is_ok_and(|page| page.items.len() == 3)),
    ];
    let wrong = answers.iter().filter(|(_, right)| !right);
    (answers.len(), wrong.map(|(question, _)| *question).collect())
}
