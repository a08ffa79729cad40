//! Transactions of the pool, which end as whoever began them says, or are undone.

use std::fmt::Debug;

use scrollback::{Connect, Pool, Transaction};
use sea_orm::{
    AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionError, TransactionTrait,
};

use super::{Named, number, watcher};
use crate::{
    faults::give_up,
    support::{Schema, cluster},
};

/// A table of its own, and a pool of one connection to it.
struct Table {
    pool: Pool,
    name: String,
    _schema: Schema,
}

impl Table {
    async fn new() -> Self {
        let schema = Schema::create().await;
        let name = format!("{}.numbers", schema.name());
        let connect = Connect::new(&cluster().url()).unwrap().with_max_connections(1);
        let pool = Pool::open(connect).await.unwrap();
        pool.execute_unprepared(&format!("CREATE TABLE {name} (n int8)")).await.unwrap();
        Self { pool, name, _schema: schema }
    }

    async fn insert(&self, db: &impl ConnectionTrait, n: i64) {
        let sql = format!("INSERT INTO {} VALUES ({n})", self.name);
        db.execute_unprepared(&sql).await.unwrap();
    }

    /// The sum of what is there.
    async fn sum(&self) -> i64 {
        let sql = format!("SELECT coalesce(sum(n), 0)::int8 FROM {}", self.name);
        number(&self.pool, &sql).await.unwrap()
    }
}

async fn fail(transaction: &Transaction) {
    number(transaction, "SELECT 1::int8 / 0").await.unwrap_err();
}

#[tokio::test]
async fn only_what_was_committed_is_there() {
    let table = Table::new().await;

    let committed = table.pool.begin().await.unwrap();
    table.insert(&committed, 1).await;
    committed.commit().await.unwrap();
    let undone = table.pool.begin().await.unwrap();
    table.insert(&undone, 2).await;
    undone.rollback().await.unwrap();
    let dropped = table.pool.begin().await.unwrap();
    table.insert(&dropped, 4).await;
    drop(dropped);

    assert_eq!(table.sum().await, 1);
}

#[tokio::test]
async fn a_dropped_transaction_gives_its_connection_back() {
    let table = Table::new().await;
    let process = "SELECT pg_backend_pid()::int8";
    let before = number(&table.pool, process).await.unwrap();

    drop(table.pool.begin().await.unwrap());

    assert_eq!(number(&table.pool, process).await.unwrap(), before);
}

#[tokio::test]
async fn a_transaction_that_has_failed_cannot_be_committed() {
    let table = Table::new().await;
    let transaction = table.pool.begin().await.unwrap();
    table.insert(&transaction, 1).await;

    fail(&transaction).await;
    let refused = transaction.commit().await;

    assert!(matches!(&refused, Err(DbErr::Custom(_))), "{refused:?}");
    assert_eq!(table.sum().await, 0);
}

#[tokio::test]
async fn a_savepoint_undoes_its_own_part() {
    let table = Table::new().await;
    let outer = table.pool.begin().await.unwrap();
    table.insert(&outer, 1).await;

    let undone = outer.begin().await.unwrap();
    table.insert(&undone, 2).await;
    fail(&undone).await;
    undone.rollback().await.unwrap();
    let dropped = outer.begin().await.unwrap();
    table.insert(&dropped, 4).await;
    drop(dropped);
    let kept = outer.begin().await.unwrap();
    table.insert(&kept, 8).await;
    let inner = kept.begin().await.unwrap();
    table.insert(&inner, 16).await;
    inner.commit().await.unwrap();
    kept.commit().await.unwrap();
    outer.commit().await.unwrap();

    assert_eq!(table.sum().await, 1 + 8 + 16);
}

#[tokio::test]
async fn a_savepoint_that_was_dropped_with_a_failure_leaves_the_rest_whole() {
    let table = Table::new().await;
    let outer = table.pool.begin().await.unwrap();
    table.insert(&outer, 1).await;

    let dropped = outer.begin().await.unwrap();
    let deeper = dropped.begin().await.unwrap();
    table.insert(&deeper, 2).await;
    fail(&deeper).await;
    drop(deeper);
    drop(dropped);
    outer.commit().await.unwrap();

    assert_eq!(table.sum().await, 1);
}

/// The answer that the next statement would wait for first is still to come when it is dropped too.
#[tokio::test]
async fn a_dropped_savepoint_is_undone_though_the_next_statement_is_dropped_as_well() {
    let table = Table::new().await;
    let outer = table.pool.begin().await.unwrap();
    table.insert(&outer, 1).await;

    let dropped = outer.begin().await.unwrap();
    let slow = format!("INSERT INTO {} VALUES (2); SELECT pg_sleep(0.3)", table.name);
    give_up(dropped.execute_unprepared(&slow), 1).await;
    drop(dropped);
    let next = give_up(number(&outer, "SELECT 1::int8"), 1).await;
    outer.commit().await.unwrap();

    assert!(next.is_none(), "it did not wait");
    assert_eq!(table.sum().await, 1);
}

#[tokio::test]
async fn a_callback_commits_when_it_succeeds_and_undoes_when_it_fails() {
    let table = Table::new().await;
    let insert = |n: i64| format!("INSERT INTO {} VALUES ({n})", table.name);
    let (first, second) = (insert(1), insert(2));

    let done = table.pool.transaction::<_, _, DbErr>(|transaction| {
        Box::pin(async move { transaction.execute_unprepared(&first).await.map(drop) })
    });
    done.await.unwrap();
    let failed = table.pool.transaction::<_, (), DbErr>(|transaction| {
        Box::pin(async move {
            transaction.execute_unprepared(&second).await?;
            Err(DbErr::Custom("no".to_owned()))
        })
    });

    assert!(matches!(failed.await, Err(TransactionError::Transaction(DbErr::Custom(_)))));
    assert_eq!(table.sum().await, 1);
}

#[tokio::test]
async fn a_transaction_has_the_settings_it_was_begun_with() {
    let table = Table::new().await;
    let (level, mode) = (Some(IsolationLevel::Serializable), Some(AccessMode::ReadOnly));

    let transaction = table.pool.begin_with_config(level, mode).await.unwrap();
    let set = "SELECT count(*) FROM (SELECT) AS one WHERE \
               current_setting('transaction_isolation') = 'serializable' \
               AND current_setting('transaction_read_only') = 'on'";
    assert_eq!(number(&transaction, set).await.unwrap(), 1);
    refused(transaction.begin_with_config(level, None).await);

    assert_eq!(number(&transaction, "SELECT 1::int8").await.unwrap(), 1);
}

fn refused<T: Debug>(answer: Result<T, DbErr>) {
    assert!(matches!(answer, Err(DbErr::Custom(_))), "{answer:?}");
}

/// The server ends what is under way when its connection goes.
#[tokio::test]
async fn a_transaction_that_is_dropped_in_a_statement_is_gone() {
    let (named, watcher) = (Named::new("midway", 1), watcher().await);
    let pool = named.open().await;
    let transaction = pool.begin().await.unwrap();

    let asleep = number(&transaction, "SELECT 1::int8 FROM pg_sleep(0.2)");
    tokio::select! {
        _ = asleep => panic!("it sleeps"),
        () = named.until_sessions(&watcher, "active", 1) => {}
    }
    drop(transaction);

    assert_eq!(number(&pool, "SELECT 1::int8").await.unwrap(), 1);
    named.until_sessions(&watcher, "idle in transaction", 0).await;
    named.until_sessions(&watcher, "active", 0).await;
}
