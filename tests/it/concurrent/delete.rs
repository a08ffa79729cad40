//! A long conversation is deleted: gone at once, and nobody else waits.

use std::time::Duration;

use scrollback::{
    ConversationId, ConversationStore, Erased, Error, Limit, MessageQuery, NewConversation,
    NewMessage, Position, SeaOrmStore, Tables, Turn, UserId,
};
use scrollback_proof::{F15, Trial};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tokio::time::timeout;

use super::{Place, on_postgres, on_sqlite};

const MESSAGES: u32 = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_append_while_a_long_conversation_is_being_deleted() {
    let (place, schema) = on_postgres().await;
    let tables = Tables::default().with_schema(schema.name()).unwrap();
    let store = place.sql_store(4).await;
    let ben = store.ensure_user("ben").await.unwrap();
    let long = long_conversation(&place).await;
    let bens = store.create(ben, NewConversation::new()).await.unwrap().id;

    // Not committed yet: whatever a delete holds, it holds from here to the end.
    let deleting = place.sql_store(1).await.into_connection().begin().await.unwrap();
    let deleting = SeaOrmStore::new(deleting).with_tables(tables);
    deleting.delete(place.owner(), long, None).await.unwrap();
    for number in 0..100 {
        store.append(ben, bens, says(&format!("meanwhile {number}"))).await.unwrap();
        store.create(ben, NewConversation::new()).await.unwrap();
    }
    let own = store.create(place.owner(), NewConversation::new()).await.unwrap().id;
    store.append(place.owner(), own, says("in another conversation of mine")).await.unwrap();
    assert_eq!(store.get(place.owner(), long).await.unwrap().message_count, MESSAGES);
    deleting.into_connection().commit().await.unwrap();

    assert_eq!(store.get(ben, bens).await.unwrap().message_count, 100);
    assert_gone(&store, place.owner(), long).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_conversation_is_seen_whole_or_not_at_all() {
    let (place, _schema) = on_postgres().await;
    let (store, owner) = (place.sql_store(4).await, place.owner());
    let long = long_conversation(&place).await;

    let deleting = tokio::spawn({
        let store = store.clone();
        async move { store.delete(owner, long, None).await }
    });
    // A page from the middle: whole, until the conversation is not found.
    let middle = Position::new(MESSAGES / 2).unwrap();
    let query = MessageQuery::after(middle, Limit::MAX);
    let end = loop {
        match store.messages(owner, long, query).await {
            Ok(page) => assert_eq!(page.items.len(), 1_000),
            Err(error) => break error,
        }
    };

    assert!(matches!(end, Error::NotFound), "{end}");
    deleting.await.unwrap().unwrap();
    assert_gone(&store, owner, long).await;
}

async fn assert_gone(store: &impl ConversationStore, owner: UserId, chat: ConversationId) {
    let first = MessageQuery::first(Limit::MAX);
    assert!(matches!(store.get(owner, chat).await, Err(Error::NotFound)));
    assert!(matches!(store.messages(owner, chat, first).await, Err(Error::NotFound)));
    assert!(matches!(store.append(owner, chat, says("late")).await, Err(Error::NotFound)));
    assert!(matches!(store.delete(owner, chat, None).await, Err(Error::NotFound)));
}

async fn long_conversation(place: &Place) -> ConversationId {
    let store = place.open(2).await;
    let chat = store.create(place.owner(), NewConversation::new()).await.unwrap().id;
    let mut left = MESSAGES;
    while left > 0 {
        let size = left.min(250);
        let messages = (0..size).map(|number| NewMessage::user(format!("message {number}")));
        store.append(place.owner(), chat, Turn::new(messages).unwrap()).await.unwrap();
        left -= size;
    }
    chat
}

fn says(text: &str) -> Turn {
    Turn::new([NewMessage::user(text)]).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_finishes_what_outlasts_its_deadline() {
    let (place, schema) = on_postgres().await;

    cut_off("postgres", &place, &format!("{}.conversations", schema.name())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_finishes_what_outlasts_its_deadline() {
    let (place, _folder) = on_sqlite().await;

    cut_off("sqlite", &place, "conversations").await;
}

async fn cut_off(name: &str, place: &Place, table: &str) {
    let (store, owner) = (place.sql_store(4).await, place.owner());
    let hurried = store.clone().with_deadline(Duration::from_millis(100));
    let (mut times, mut answers, mut unfinished, mut again) = (0, 0, 0, 0);
    for erased in [false, true] {
        let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
        let lock = format!("UPDATE {table} SET archived = archived");
        let locked = place.sql_store(1).await.into_connection().begin().await.unwrap();
        locked.execute_unprepared(&lock).await.unwrap();
        let answer = match erased {
            true => hurried.erase(owner).await.map(|_| ()),
            false => hurried.delete(owner, chat, None).await,
        };
        answers += usize::from(!matches!(answer, Err(Error::OutcomeUnknown(_))));
        locked.rollback().await.unwrap();
        let finished = timeout(PATIENCE, async { while store.get(owner, chat).await.is_ok() {} });
        unfinished += usize::from(finished.await.is_err());
        times += 1;
        again += usize::from(store.erase(owner).await.unwrap() != Erased::default());
    }

    Trial::of(F15, format!("deletions cut off by their deadline, {name}"))
        .times(times)
        .wrong("answered otherwise than `OutcomeUnknown`", answers)
        .wrong("never finished by the database", unfinished)
        .wrong("something left for a second one", again)
        .record();
    assert_eq!((answers, unfinished, again), (0, 0, 0));
}

/// How long a server may take that nobody hinders any more.
const PATIENCE: Duration = Duration::from_secs(30);
