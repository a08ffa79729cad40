//! Foreign keys pass the fence by, as the manual says: what belongs to somebody goes with them.

use scrollback::{ConversationStore, conformance::Fixture};
use scrollback_proof::{T16, Trial};
use sea_orm::{ConnectionTrait, Statement};

use super::Fenced;

async fn count(database: &Fenced, sql: String) -> i64 {
    let superuser = database.as_superuser().await;
    let sql = Statement::from_string(superuser.get_database_backend(), sql);
    superuser.query_one_raw(sql).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Rows of an owner, seen from past the fence.
async fn rows_of(database: &Fenced, owner: i64) -> i64 {
    let sql = format!(
        "SELECT (SELECT count(*) FROM conversations WHERE user_id = {owner})
              + (SELECT count(*) FROM messages WHERE user_id = {owner})"
    );
    count(database, sql).await
}

#[tokio::test]
async fn erasing_and_forgetting_reach_everything_of_one_and_nothing_of_another() {
    let database = Fenced::new().await;
    let store = database.sql_store();
    let (ann, ben) = (database.somebody().await, database.somebody().await);
    let other = database.somebody().await;

    let ended =
        [(ann, store.erase(ann).await.unwrap()), (ben, store.forget_user(ben).await.unwrap())];

    let mut left = 0;
    for (user, _) in &ended {
        left += rows_of(&database, user.get()).await;
    }
    let kept = rows_of(&database, other.get()).await;
    Trial::of(T16, "users erased and forgotten, under row level security")
        .times(ended.len())
        .wrong("rows left", left)
        .figure("rows of somebody else's kept", kept)
        .record();
    assert_eq!(ended.map(|(_, it)| (it.conversations, it.messages)), [(1, 2), (1, 2)]);
    assert_eq!((left, kept), (0, 3));
}

#[tokio::test]
async fn a_user_whom_the_host_deletes_takes_everything_along_without_a_name() {
    let database = Fenced::new().await;
    let (ann, other) = (database.somebody().await, database.somebody().await);
    let server = database.as_server().await;

    let delete = format!("DELETE FROM users WHERE id = {}", ann.get());
    server.execute_unprepared(&delete).await.unwrap();

    assert_eq!(rows_of(&database, ann.get()).await, 0);
    assert_eq!(rows_of(&database, other.get()).await, 3);
}

#[tokio::test]
async fn the_table_of_users_is_not_fenced() {
    let database = Fenced::new().await;
    let ann = database.owner().await;

    let sql = format!("SELECT count(*) FROM users WHERE id = {}", ann.get());

    assert_eq!(count(&database, sql).await, 1);
    assert_eq!(database.sql_store().ensure_user("ben").await.unwrap(), {
        database.unaware_store_at(&database.url(), 1).await.ensure_user("ben").await.unwrap()
    });
}
