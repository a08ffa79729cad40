//! F8: the library takes its locks in one order.

use futures_util::future::{join, join_all};
use scrollback::{ConversationUpdate, Error, NewConversation, NewMessage, Result, Turn, UserId};
use scrollback_proof::{F8, Trial, control};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};

use super::{
    bench::{Side, rows},
    rounds,
};
use crate::{concurrent::Place, support::Cluster};

/// How many deadlocks a server of the caller's own has resolved, once all sessions have ended: they
/// report what they counted when they end.
async fn deadlocks(server: &Cluster) -> usize {
    let watcher = Database::connect(server.url()).await.unwrap();
    let others = "SELECT 1 FROM pg_stat_activity
                  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while !rows(&watcher, others).await.is_empty() {}
    let sql = "SELECT sum(deadlocks)::bigint FROM pg_stat_database";
    let deadlocks: i64 = rows(&watcher, sql).await[0].try_get_by_index(0).unwrap();
    watcher.close().await.unwrap();
    usize::try_from(deadlocks).unwrap()
}

/// Writes to four conversations in both directions, deletes one and erases all, at once.
async fn cross(side: &Side, owner: UserId) -> Vec<Result<()>> {
    let store = &side.store;
    let mut chats = Vec::new();
    for _ in 0..4 {
        chats.push(store.create(owner, NewConversation::new()).await.unwrap().id);
    }
    let append = async |chat| {
        let turn = Turn::new([NewMessage::user("crossing")]).unwrap();
        store.append(owner, chat, turn).await.map(drop)
    };
    let update = async |chat| {
        let update = ConversationUpdate::new().with_archived(true);
        store.update(owner, chat, update).await.map(drop)
    };
    let erase = async || store.erase(owner).await.map(drop);
    let reversed = chats.iter().rev();
    let (appends, updates) =
        (chats.iter().map(|chat| append(*chat)), reversed.map(|chat| update(*chat)));
    let writes = join(join_all(appends), join_all(updates));
    let ends = join(join_all([erase(), erase()]), store.delete(owner, chats[2], None));
    let ((mut answers, updates), (erasures, deleted)) = join(writes, ends).await;
    answers.extend(updates);
    answers.extend(erasures);
    answers.push(deleted);
    answers
}

/// Has calls cross on several sides at once.
async fn never_deadlock(sides: impl AsyncFn(&Place) -> Vec<Side>, what: &str) {
    let server = Cluster::start();
    let place = Place::at(server.url()).await;
    let sides = sides(&place).await;
    let mut answers = Vec::new();

    for _ in 0..25 * rounds() {
        let crossed = sides.iter().map(|side| cross(side, place.owner()));
        answers.extend(join_all(crossed).await.into_iter().flatten());
    }

    for side in &sides {
        side.pool().close().await.unwrap();
    }
    let wrong = answers.iter().filter(|it| !matches!(it, Ok(()) | Err(Error::NotFound)));
    let wrong: Vec<_> = wrong.collect();
    let deadlocks = deadlocks(&server).await;
    Trial::of(F8, what)
        .times(answers.len())
        .wrong("deadlocks, by the count of the server", deadlocks)
        .wrong("answers that are neither right nor `NotFound`", wrong.len())
        .record();
    assert_eq!(deadlocks, 0);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn calls_that_cross_never_deadlock() {
    let what = "calls on the same conversations in both directions, with deletions and erasures";

    never_deadlock(async |place| vec![Side::over(place.sql_store(8).await)], what).await;
}

#[tokio::test]
async fn shared_statements_that_cross_never_deadlock() {
    let sides = async |place: &Place| {
        let store = place.sql_store(8).await;
        let [one, other] = [store.clone(), store.clone()].map(|store| Side::over(store).grouping());
        vec![one, other, Side::over(store)]
    };

    never_deadlock(sides, "the same by two stores that group turns and one that does not").await;
}

#[tokio::test]
async fn locks_that_are_taken_in_two_orders_are_found() {
    let server = Cluster::start();
    let place = Place::at(server.url()).await;
    let store = place.open(1).await;
    let create = || store.create(place.owner(), NewConversation::new());
    let (a, b) = (create().await.unwrap().id, create().await.unwrap().id);
    drop(store);
    let touch = |id| format!("UPDATE conversations SET archived = archived WHERE id = {id}");
    let pool = Database::connect(server.url()).await.unwrap();
    let (one, other) = (pool.begin().await.unwrap(), pool.begin().await.unwrap());
    one.execute_unprepared(&touch(a)).await.unwrap();
    other.execute_unprepared(&touch(b)).await.unwrap();

    let (first, second) = (touch(b), touch(a));
    let crossed = join(one.execute_unprepared(&first), other.execute_unprepared(&second)).await;

    assert!(crossed.0.is_err() != crossed.1.is_err(), "{crossed:?}");
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();
    pool.close().await.unwrap();
    let deadlocks = deadlocks(&server).await;
    control(F8, "transactions that lock two conversations in two orders", deadlocks, 1);
    assert_eq!(deadlocks, 1);
}
