//! The setting that names the owner ends with the transaction.

use scrollback::{ConversationStore, NewConversation, SeaOrmStore};
use scrollback_proof::{I16, Trial, control};
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

use super::Fenced;

/// Who is named on the connection of a pool that has one.
async fn named(pool: &impl ConnectionTrait) -> String {
    let sql = "SELECT coalesce(current_setting('scrollback.owner', true), '')";
    let sql = Statement::from_string(pool.get_database_backend(), sql);
    pool.query_one_raw(sql).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn the_next_borrower_of_the_connection_finds_nobody_named() {
    let database = Fenced::new().await;
    let ann = database.somebody().await;
    let store = database.store_at(&database.url(), 1).await;
    let pool = store.clone().into_connection();

    let (mut calls, mut left) = (0, 0);
    for n in 0..20 {
        let chat = store.create(ann, NewConversation::new()).await.unwrap();
        left += usize::from(!named(&pool).await.is_empty());
        store.delete(ann, chat.id, None).await.unwrap();
        left += usize::from(!named(&pool).await.is_empty());
        // Refused in the middle of its transaction: there is no such user.
        store.create(scrollback::UserId::new(-n), NewConversation::new()).await.unwrap_err();
        left += usize::from(!named(&pool).await.is_empty());
        calls += 3;
    }
    Trial::of(I16, "calls under row level security, after each of which the connection was asked")
        .times(calls)
        .wrong("an owner still named", left)
        .record();
    assert_eq!(left, 0);

    let for_the_session = "SELECT set_config('scrollback.owner', '1', false)";
    pool.execute_unprepared(for_the_session).await.unwrap();
    let caught = !named(&pool).await.is_empty();
    control(I16, "an owner named for the session, not for the transaction", usize::from(caught), 1);
    assert!(caught);
}

#[tokio::test]
async fn in_a_hosts_transaction_calls_for_two_owners_stay_apart() {
    let database = Fenced::new().await;
    let (ann, ben) = (database.somebody().await, database.somebody().await);
    let pool = database.as_server().await;

    let store = SeaOrmStore::new(pool.begin().await.unwrap()).with_row_security();
    let of_ann = store.create(ann, NewConversation::new()).await.unwrap();
    let of_ben = store.create(ben, NewConversation::new()).await.unwrap();
    let seen = store.get(ann, of_ann.id).await;
    let foreign = store.get(ann, of_ben.id).await;
    store.into_connection().commit().await.unwrap();

    assert_eq!(seen.unwrap(), of_ann);
    assert!(matches!(foreign, Err(scrollback::Error::NotFound)), "{foreign:?}");
    assert_eq!(database.sql_store().get(ben, of_ben.id).await.unwrap(), of_ben);
    assert_eq!(named(&pool).await, "");
}
