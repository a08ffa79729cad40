//! Every call ends.

use std::time::Duration;

use crate::{
    conformance::{
        Fixture,
        support::{User, at_once, limit, turn},
    },
    conversation_query::ConversationQuery,
    error::Error,
    message_query::MessageQuery,
};

const DEADLINE: Duration = Duration::from_secs(40);

/// Contract 9: in a crowd every call ends, with an answer or saying that it was not applied.
pub async fn a_crowd_is_answered(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(1).await.id;

    let answers = at_once((0..64).map(|n| {
        let User { store, id } = ann.clone();
        tokio::time::timeout(DEADLINE, async move {
            match n % 4 {
                0 => store.append(id, chat, turn(1)).await.map(drop),
                1 => store.messages(id, chat, MessageQuery::last(limit(5))).await.map(drop),
                2 => store.list(id, ConversationQuery::default()).await.map(drop),
                _ => store.get(id, chat).await.map(drop),
            }
        })
    }))
    .await;

    for answer in answers {
        let answer = answer.expect("a call did not end within its deadline");
        assert!(matches!(answer, Ok(()) | Err(Error::Busy(_))), "answered {answer:?}");
    }
}
