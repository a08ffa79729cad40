//! T6: what a request body can become: no owner, and nothing that only the store says.

use std::marker::PhantomData;

use scrollback::{
    Appended, Conversation, ConversationQuery, ConversationStore, ConversationUpdate, Erased,
    Message, MessageQuery, Metadata, NewConversation, NewMessage, Position, Turn, UserHistory,
    UserId, conformance::Fixture,
};
use scrollback_proof::{T6, Trial, control};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::fixtures;
use crate::broken::{Base, Flaw, Flawed};

/// Asks the compiler whether a type can be read from JSON: an inherent constant, where there is
/// one, goes before that of a trait.
struct Probe<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const READABLE: bool = false;
}

impl<T: ?Sized> Otherwise for Probe<T> {}

impl<T: DeserializeOwned> Probe<T> {
    const READABLE: bool = true;
}

macro_rules! readable {
    ($($type:ty),* $(,)?) => {
        [$((stringify!($type), Probe::<$type>::READABLE)),*]
    };
}

/// A type as a careless host writes it, or as this library might.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it only has to be readable")]
struct OwnerInTheBody {
    user_id: i64,
}

#[test]
fn nothing_that_has_an_owner_or_is_an_input_can_be_read_from_json() {
    let types = readable![
        UserId,
        NewConversation,
        ConversationUpdate,
        NewMessage,
        Turn,
        Conversation,
        Message,
        Appended,
        Erased,
        ConversationQuery,
        MessageQuery,
        UserHistory<scrollback::MemoryStore>,
    ];
    let readable: Vec<_> = types.iter().filter(|(_, readable)| *readable).collect();

    Trial::of(T6, "types with an owner, an id, a position or a time, asked for `Deserialize`")
        .times(types.len())
        .wrong("readable from JSON", readable.len())
        .record();
    assert!(readable.is_empty(), "{readable:?}");
}

#[test]
fn a_type_that_can_be_read_is_noticed() {
    let types = readable![OwnerInTheBody, Position, Metadata];
    let caught = types.iter().filter(|(_, readable)| *readable).count();

    control(T6, "a type with an owner that can be read from JSON", caught, types.len());
    assert_eq!(caught, types.len());
}

/// An id that no store has given yet.
const CLAIMED: i64 = 7_000_000_000;

/// A whole body, passed on as the one thing that takes any JSON.
fn body(victim: UserId) -> Value {
    json!({
        "user_id": victim.get(), "owner": victim.get(), "id": CLAIMED, "conversation_id": CLAIMED,
        "position": 77, "message_count": 99, "archived": true, "replayed": true, "turn_key": "k",
        "session_id": "s", "created_at": "1999-01-01T00:00:00Z", "updated_at": "2999-01-01T00:00:00Z",
    })
}

/// The fields of conversations and messages that the body has set.
async fn set_by_a_body(fixture: &dyn Fixture) -> (usize, Vec<String>) {
    let (store, ann, ben) = (fixture.store().await, fixture.owner().await, fixture.owner().await);
    let metadata = Metadata::new(body(ben)).unwrap();
    let plain = store.create(ann, NewConversation::new()).await.unwrap();
    let new = NewConversation::new().with_metadata(metadata.clone());
    let created = store.create(ann, new).await.unwrap();
    let update = ConversationUpdate::new().with_metadata(metadata.clone());
    let updated = store.update(ann, plain.id, update).await.unwrap();
    let message = NewMessage::user("x").with_metadata(metadata);
    let appended = store.append(ann, created.id, Turn::new([message]).unwrap()).await.unwrap();

    let mut checks = Vec::new();
    for (kind, chat) in [("created", &created), ("updated", &updated)] {
        let checked = [
            ("owner", chat.owner == ann),
            ("id", chat.id.get() != CLAIMED),
            ("count", chat.message_count == 0),
            ("archived", !chat.archived),
            ("session", chat.session.is_none()),
            ("created_at", chat.created_at >= plain.created_at),
            (
                "updated_at",
                chat.updated_at <= appended.messages[0].created_at.max(updated.updated_at),
            ),
        ];
        checks.extend(checked.map(|(field, right)| (format!("{kind} {field}"), right)));
    }
    let said = &appended.messages[0];
    let checked = [
        ("conversation", said.conversation == created.id),
        ("position", said.position == Position::FIRST),
        ("key", said.key.is_none()),
        ("created_at", said.created_at >= plain.created_at),
        ("replayed", !appended.replayed),
    ];
    checks.extend(checked.map(|(field, right)| (format!("message {field}"), right)));
    let tried = checks.len();
    (tried, checks.into_iter().filter(|(_, right)| !right).map(|(field, _)| field).collect())
}

#[tokio::test]
async fn a_body_with_every_field_sets_none() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (tried, wrong) = set_by_a_body(&*fixture).await;
        Trial::of(T6, format!("fields named in a body, {name}"))
            .times(tried)
            .wrong("set by it", wrong.len())
            .record();
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
}

/// Builds the row from what the client sent, as an object mapper does.
#[derive(Debug, Default)]
struct AssignsAll;

#[async_trait::async_trait]
impl Flaw for AssignsAll {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> scrollback::Result<Conversation> {
        let body = new.metadata.to_value();
        let mut chat = base.create(owner, new).await?;
        chat.archived = body["archived"].as_bool().unwrap_or(chat.archived);
        chat.owner = body["user_id"].as_i64().map_or(chat.owner, UserId::new);
        Ok(chat)
    }
}

#[tokio::test]
async fn a_store_that_assigns_what_it_is_sent_is_noticed() {
    let (_, wrong) = set_by_a_body(&Flawed::<AssignsAll>::default()).await;

    control(T6, "a store that takes owner and state from the body", wrong.len(), 2);
    assert_eq!(wrong, ["created owner", "created archived"]);
}
