//! T16: erasing, counted in the tables themselves, also while others write.

use std::sync::Arc;

use futures_util::future::join_all;
use scrollback::{
    ConversationStore, ConversationUpdate, Error, NewConversation, Pool, SeaOrmStore, SessionId,
    UserId,
};
use scrollback_proof::{T16, Trial, control};
use sea_orm::{ConnectionTrait, Statement};

use super::{
    everything,
    rows::{key, turn},
    tables::{columns, is_owner},
};
use crate::database::{OnPostgres, OnSqlite};

/// How many rows each table that has owners holds for this one.
async fn rows_of(db: &Pool, owner: UserId) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for (table, column, ..) in columns(db).await {
        if is_owner(&table, &column) {
            let sql = format!("SELECT count(*) FROM {table} WHERE {column} = {}", owner.get());
            let statement = Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(statement).await.unwrap().unwrap();
            counts.push((table, row.try_get_by_index(0).unwrap()));
        }
    }
    counts.sort();
    counts
}

/// What is left of an owner in any table but that of the users.
async fn left(db: &Pool, owner: UserId) -> i64 {
    let counts = rows_of(db, owner).await.into_iter();
    counts.filter(|(table, _)| table != "users").map(|(_, count)| count).sum()
}

type Store = SeaOrmStore;

struct Place {
    name: &'static str,
    stores: [Store; 2],
    db: Pool,
}

/// Both kinds of SQL store, by two ways each, with a connection of the test's own.
async fn places() -> (OnPostgres, OnSqlite, [Place; 2]) {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let stores = [postgres.sql_store().clone(), postgres.sql_store().clone()];
    let on_postgres =
        Place { name: "postgres", stores, db: postgres.schema().connect().await.into() };
    let stores = [sqlite.sql_store().clone(), sqlite.another_store().await];
    let db = sqlite.sql_store().clone().into_connection();
    let on_sqlite = Place { name: "sqlite", stores, db };
    (postgres, sqlite, [on_postgres, on_sqlite])
}

async fn someone(store: &Store, subject: &str) -> UserId {
    let owner = store.ensure_user(subject).await.unwrap();
    let new = NewConversation::new().with_session(SessionId::new("tab").unwrap());
    let first = store.create(owner, new).await.unwrap().id;
    store.append(owner, first, turn(3).with_key(key("once"))).await.unwrap();
    let archived = store.create(owner, NewConversation::new()).await.unwrap().id;
    store.append(owner, archived, turn(2)).await.unwrap();
    let update = ConversationUpdate::new().with_archived(true);
    store.update(owner, archived, update).await.unwrap();
    owner
}

#[tokio::test]
async fn erasing_leaves_no_row_anywhere_and_everybody_elses_rows() {
    let (_postgres, _sqlite, places) = places().await;

    for Place { name, stores: [store, _], db } in &places {
        let (ann, ben) = (someone(store, "ann").await, someone(store, "ben").await);
        let before = (everything(store, ben).await, rows_of(db, ben).await);
        let had = left(db, ann).await;

        let erased = store.erase(ann).await.unwrap();
        let left = left(db, ann).await;
        let forgotten = store.forget_user(ann).await.unwrap();
        let remains: i64 = rows_of(db, ann).await.iter().map(|(_, count)| count).sum();
        let unchanged = (everything(store, ben).await, rows_of(db, ben).await) == before;

        Trial::of(T16, format!("rows in the tables that have owners, {name}"))
            .times(had)
            .wrong("left after erasing", left)
            .wrong("left after forgetting the user", remains)
            .wrong("changes of somebody else's", usize::from(!unchanged))
            .figure("tables", before.1.len())
            .record();
        assert_eq!((had, left, remains), (7, 0, 0), "{name}");
        assert!(unchanged, "{name}: somebody else's data changed");
        assert_eq!((erased.conversations, erased.messages), (2, 5));
        assert_eq!((forgotten.conversations, forgotten.messages), (0, 0));
    }
}

#[tokio::test]
async fn a_row_that_is_left_is_noticed() {
    let (_postgres, _sqlite, places) = places().await;

    for Place { name, stores: [store, _], db } in &places {
        let ann = someone(store, "ann").await;
        // A table of a later version, which the erasure forgets.
        let later = "CREATE TABLE drafts (user_id bigint NOT NULL, note text)";
        db.execute_unprepared(later).await.unwrap();
        let note = format!("INSERT INTO drafts VALUES ({}, 'x')", ann.get());
        db.execute_unprepared(&note).await.unwrap();
        store.erase(ann).await.unwrap();
        let forgot_a_table = left(db, ann).await > 0;
        db.execute_unprepared("DROP TABLE drafts").await.unwrap();
        // One conversation that somebody brought back.
        store.create(ann, NewConversation::new()).await.unwrap();
        let forgot_a_row = left(db, ann).await > 0;

        let caught = usize::from(forgot_a_table) + usize::from(forgot_a_row);
        control(T16, &format!("an erasure that forgets a table, or a row, {name}"), caught, 2);
        assert_eq!(caught, 2, "{name}");
    }
}

/// What is wrong after an erasure that raced with others of the same owner: half a turn, messages
/// without a conversation, or a receipt that does not add up.
async fn race(place: &Place, round: usize) -> Vec<String> {
    let [store, other] = place.stores.each_ref().map(|store| Arc::new(store.clone()));
    let owner = store.ensure_user(&format!("racer-{round}")).await.unwrap();
    let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
    let appends = join_all((0..4).map(|_| other.append(owner, chat, turn(3))));
    let creations = join_all((0..4).map(|_| other.create(owner, NewConversation::new())));

    let (appended, created, erased) = tokio::join!(appends, creations, store.erase(owner));

    let mut wrong = Vec::new();
    let erased = erased.unwrap();
    let stored = appended.iter().filter(|answer| answer.is_ok()).count() as u64;
    let refused = appended.iter().filter(|answer| !matches!(answer, Ok(_) | Err(Error::NotFound)));
    wrong.extend(refused.map(|answer| format!("{answer:?}")));
    wrong.extend(created.iter().filter_map(|answer| answer.as_ref().err()).map(|e| e.to_string()));
    if erased.messages != 3 * stored {
        wrong.push(format!("{} messages erased of {}", erased.messages, 3 * stored));
    }
    // What was created after the erasure is there, empty; what was created before is not.
    let later = everything(&*store, owner).await;
    if later.iter().any(|(_, messages)| !messages.is_empty()) {
        wrong.push("messages are left".to_owned());
    }
    if erased.conversations + later.len() as u64 != 1 + created.len() as u64 {
        wrong.push(format!("{} erased, {} left", erased.conversations, later.len()));
    }
    store.erase(owner).await.unwrap();
    if left(&place.db, owner).await != 0 {
        wrong.push("rows are left".to_owned());
    }
    wrong
}

const RACES: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasing_beside_appends_and_creations_leaves_nothing_half() {
    let (_postgres, _sqlite, places) = places().await;
    let mut all = Vec::new();

    for place in &places {
        let before = all.len();
        for round in 0..RACES {
            all.extend(race(place, round).await);
        }
        Trial::of(T16, format!("erasures beside eight writes of the same owner, {}", place.name))
            .times(RACES)
            .wrong("rows or messages left, or a wrong receipt", all.len() - before)
            .record();
    }

    assert_eq!(all, [""; 0]);
}
