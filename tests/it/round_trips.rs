//! What the store sends to PostgreSQL: one statement for every call, in one round trip.

use scrollback::{
    Conflict, ConversationId, ConversationQuery, ConversationStore, ConversationUpdate, Error,
    Limit, MessageQuery, NewConversation, NewMessage, Result, SeaOrmStore, SessionId, Turn,
    TurnKey, UserId, conformance::Fixture,
};

use crate::{
    database::OnPostgres,
    support::{Wire, cluster},
};

struct Counted {
    wire: Wire,
    store: SeaOrmStore,
    ann: UserId,
    database: OnPostgres,
}

impl Counted {
    async fn new() -> Self {
        let database = OnPostgres::new().await;
        let wire = Wire::start(cluster()).await;
        // One connection: a second one would prepare its statements anew.
        let store = database.store_at(&wire.url(), 1).await;
        let ann = database.owner().await;
        Self { wire, store, ann, database }
    }

    /// The statements and round trips of a call, made once before so that it is prepared.
    async fn count<T>(&self, call: impl AsyncFn() -> T) -> (usize, usize, T) {
        call().await;
        let start = self.wire.now();
        let answer = call().await;
        let sent = self.wire.since(start);
        assert_eq!(sent.parses(), 0, "a call prepared something again: {sent:?}");
        (sent.statements().len(), sent.round_trips(), answer)
    }

    async fn assert_one<T>(&self, name: &str, call: impl AsyncFn() -> Result<T>) -> Result<T> {
        let (statements, round_trips, answer) = self.count(call).await;
        assert_eq!((statements, round_trips), (1, 1), "{name}");
        answer
    }
}

fn turn() -> Turn {
    Turn::new([NewMessage::user("a"), NewMessage::assistant("b")]).unwrap()
}

#[tokio::test]
async fn reading_is_one_statement() {
    let to = Counted::new().await;
    let (store, ann) = (&to.store, to.ann);
    let session = SessionId::new("s").unwrap();
    let chat =
        store.create(ann, NewConversation::new().with_session(session.clone())).await.unwrap();
    store.append(ann, chat.id, turn()).await.unwrap();
    let two = Limit::new(2).unwrap();

    to.assert_one("get", async || store.get(ann, chat.id).await).await.unwrap();
    to.assert_one("find_session", async || store.find_session(ann, &session).await).await.unwrap();
    to.assert_one("list", async || store.list(ann, ConversationQuery::new(two)).await)
        .await
        .unwrap();
    to.assert_one("last", async || store.messages(ann, chat.id, MessageQuery::last(two)).await)
        .await
        .unwrap();
    to.assert_one("first", async || store.messages(ann, chat.id, MessageQuery::first(two)).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn writing_is_one_statement() {
    let to = Counted::new().await;
    let (store, ann) = (&to.store, to.ann);
    let chat = store.create(ann, NewConversation::new()).await.unwrap();
    let expecting = async || {
        let count = store.get(ann, chat.id).await.unwrap().message_count;
        store.append(ann, chat.id, turn().with_expected_count(count)).await
    };

    to.assert_one("create", async || store.create(ann, NewConversation::new()).await)
        .await
        .unwrap();
    to.assert_one("append", async || store.append(ann, chat.id, turn()).await).await.unwrap();
    let keyed = async || store.append(ann, chat.id, turn().with_key(TurnKey::generate())).await;
    to.assert_one("append with a key", keyed).await.unwrap();
    let (statements, ..) = to.count(expecting).await;
    assert_eq!(statements, 2, "a read of the count, and one append");
    to.assert_one("update", async || store.update(ann, chat.id, ConversationUpdate::new()).await)
        .await
        .unwrap();
    let of_its_version = async || {
        let version = store.get(ann, chat.id).await.unwrap().version();
        let update = ConversationUpdate::new().with_expected_version(version);
        store.update(ann, chat.id, update).await.unwrap()
    };
    let (statements, ..) = to.count(of_its_version).await;
    assert_eq!(statements, 2, "a read of the version, and one update");
    let erase = async || store.erase(ann).await;
    to.assert_one("erase", erase).await.unwrap();
}

#[tokio::test]
async fn deleting_is_one_statement() {
    let to = Counted::new().await;
    let (store, ann) = (&to.store, to.ann);
    let warm_up = store.create(ann, NewConversation::new()).await.unwrap();
    let chat = store.create(ann, NewConversation::new()).await.unwrap();
    let seen = store.create(ann, NewConversation::new()).await.unwrap();
    store.append(ann, chat.id, turn()).await.unwrap();
    store.delete(ann, warm_up.id, None).await.unwrap();

    for (id, expected) in [(chat.id, None), (seen.id, Some(seen.version()))] {
        let start = to.wire.now();
        store.delete(ann, id, expected).await.unwrap();
        let sent = to.wire.since(start);

        assert_eq!((sent.statements().len(), sent.round_trips()), (1, 1), "{sent:?}");
    }
}

#[tokio::test]
async fn a_replay_and_a_conflict_are_two_statements() {
    let to = Counted::new().await;
    let (store, ann) = (&to.store, to.ann);
    let chat = store.create(ann, NewConversation::new()).await.unwrap();
    let keyed = turn().with_key(TurnKey::new("k").unwrap());
    store.append(ann, chat.id, keyed.clone()).await.unwrap();

    let (statements, round_trips, answer) =
        to.count(async || store.append(ann, chat.id, keyed.clone()).await).await;

    assert!(answer.unwrap().replayed);
    assert_eq!((statements, round_trips), (2, 2));

    let moved = turn().with_expected_count(99);
    let (statements, _, answer) =
        to.count(async || store.append(ann, chat.id, moved.clone()).await).await;

    assert!(matches!(answer, Err(Error::Conflict(Conflict::Moved))));
    assert_eq!(statements, 2);

    let stale = ConversationUpdate::new().with_expected_version(chat.version());
    let (updating, _, updated) =
        to.count(async || store.update(ann, chat.id, stale.clone()).await).await;
    let (deleting, _, deleted) =
        to.count(async || store.delete(ann, chat.id, Some(chat.version())).await).await;

    assert!(matches!(updated, Err(Error::Conflict(Conflict::Changed))));
    assert!(matches!(deleted, Err(Error::Conflict(Conflict::Changed))));
    assert_eq!((updating, deleting), (2, 2));
}

#[tokio::test]
async fn foreign_and_unknown_cost_the_same() {
    let to = Counted::new().await;
    let (store, ann) = (&to.store, to.ann);
    let of_ben = {
        let ben = to.database.owner().await;
        store.create(ben, NewConversation::new()).await.unwrap()
    };
    let (foreign, version, limit) = (of_ben.id, of_ben.version(), Limit::default());
    let expecting = ConversationUpdate::new().with_expected_version(version);

    for id in
        [foreign, ConversationId::new(i64::MAX), ConversationId::new(0), ConversationId::new(-1)]
    {
        let answers = [
            to.assert_one("get", async || store.get(ann, id).await).await.err(),
            to.assert_one("delete", async || store.delete(ann, id, None).await).await.err(),
            to.assert_one("append", async || store.append(ann, id, turn()).await).await.err(),
            to.assert_one("messages", async || {
                store.messages(ann, id, MessageQuery::last(limit)).await
            })
            .await
            .err(),
            to.assert_one("update", async || {
                store.update(ann, id, ConversationUpdate::new()).await
            })
            .await
            .err(),
        ];
        let (updating, _, updated) =
            to.count(async || store.update(ann, id, expecting.clone()).await).await;
        let (deleting, _, deleted) =
            to.count(async || store.delete(ann, id, Some(version)).await).await;
        assert_eq!((updating, deleting), (2, 2), "{id}: with an expected version");
        for answer in answers.into_iter().chain([updated.err(), deleted.err()]) {
            assert!(matches!(answer, Some(Error::NotFound)), "{id}: {answer:?}");
        }
    }
}
