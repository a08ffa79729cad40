//! What counts as another payload under a used key.

use serde_json::json;

use crate::{
    conformance::{
        Fixture,
        support::{User, assert_conflict, key},
    },
    error::Conflict,
    message::{NewMessage, Role},
    metadata::Metadata,
    turn::Turn,
};

/// Contract 5: a used key refuses other contents, be they ever so similar.
pub async fn a_used_key_refuses_other_contents(fixture: &dyn Fixture) {
    let (a, b) = (|text: &str| NewMessage::user(text), NewMessage::assistant("b"));
    let others = ["A", "a ", " a", "a\n", "a\u{301}", "other"];

    refuses(fixture, others.map(|text| vec![a(text), b.clone()])).await;
}

/// Contract 5: a used key refuses a part of its turn, and more than its turn.
pub async fn a_used_key_refuses_a_part_and_an_extension(fixture: &dyn Fixture) {
    let [a, b] = stored();
    let c = NewMessage::user("c");

    refuses(
        fixture,
        [vec![a.clone()], vec![b.clone()], vec![a.clone(), b.clone(), c.clone()], vec![c, a, b]],
    )
    .await;
}

/// Contract 5: a used key refuses the same messages in another order.
pub async fn a_used_key_refuses_another_order(fixture: &dyn Fixture) {
    let [a, b] = stored();

    refuses(fixture, [vec![b, a]]).await;
}

/// Contract 5: a used key refuses other roles.
pub async fn a_used_key_refuses_other_roles(fixture: &dyn Fixture) {
    let [a, b] = stored();
    let as_system = NewMessage::new(Role::System, "a");

    refuses(fixture, [vec![as_system, b.clone()], vec![a, NewMessage::user("b")]]).await;
}

/// Contract 5: a used key refuses other metadata.
pub async fn a_used_key_refuses_other_metadata(fixture: &dyn Fixture) {
    let [a, b] = stored();
    let other = |value| a.clone().with_metadata(Metadata::new(value).unwrap());

    refuses(
        fixture,
        [json!({}), json!({ "n": 1.0 }), json!({ "n": 2 }), json!({ "n": 1, "m": 1 })]
            .map(|value| vec![other(value), b.clone()]),
    )
    .await;
}

fn stored() -> [NewMessage; 2] {
    let metadata = Metadata::new(json!({ "n": 1 })).unwrap();
    [NewMessage::user("a").with_metadata(metadata), NewMessage::assistant("b")]
}

/// Stores a turn and sends each of `others` under its key.
async fn refuses<const N: usize>(fixture: &dyn Fixture, others: [Vec<NewMessage>; N]) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let turn = Turn::new(stored()).unwrap().with_key(key("used"));
    ann.append(chat, turn.clone()).await;
    let before = ann.everything().await;

    for other in others {
        let other = Turn::new(other).unwrap().with_key(key("used"));
        let answer = ann.store.append(ann.id, chat, other).await;
        assert_conflict(answer, Conflict::KeyReused, "another payload under a used key");
    }

    assert!(ann.everything().await == before, "another payload under a used key left a trace");
    assert!(ann.append(chat, turn).await.replayed, "the first payload is no replay any more");
}
