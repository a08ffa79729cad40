//! F6, F8, F9, F16: a server, or a pool, that says no for now.

use futures_util::future::join_all;
use scrollback::Error;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    bench::{Bench, Side, rows, with_setting},
    expected::Expected,
    op::Op,
    scene::Scene,
};
use crate::support::cluster;

/// A database that can be made to refuse.
struct Refusing {
    bench: Bench,
    watcher: Side,
}

impl Refusing {
    async fn new() -> Self {
        let bench = Bench::postgres().await;
        let watcher = bench.watcher().await;
        Self { bench, watcher }
    }

    async fn side(&self, setting: &str, value: &str) -> Side {
        self.bench.side(&with_setting(&cluster().url(), setting, value), 1).await
    }

    /// A trigger that runs `body` for every message that is stored.
    async fn trigger(&self, body: &str) {
        let schema = self.bench.schema();
        let sql = format!(
            "CREATE SEQUENCE {schema}.tries;
             CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN {body}; RETURN NEW; END$$;
             CREATE TRIGGER refuse BEFORE INSERT ON {schema}.messages
               FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse()"
        );
        self.watcher.pool().execute_unprepared(&sql).await.unwrap();
    }

    /// How often the trigger ran, rolled back or not.
    async fn tries(&self) -> i64 {
        let sql = format!("SELECT last_value FROM {}.tries", self.bench.schema());
        rows(&self.watcher.pool(), &sql).await[0].try_get_by_index(0).unwrap()
    }

    fn lock(&self, scene: &Scene) -> String {
        let (schema, id) = (self.bench.schema(), scene.chat);
        format!("UPDATE {schema}.conversations SET archived = archived WHERE id = {id}")
    }
}

#[tokio::test]
async fn one_connection_serves_many_callers() {
    let refusing = Refusing::new().await;
    let side = refusing.bench.side(&cluster().url(), 1).await;
    let scenes = join_all((0..64).map(|_| Scene::new(&refusing.watcher))).await;

    for op in [Op::Append, Op::Messages, Op::ForgetUser] {
        let expected = Expected::of(op, &refusing.watcher).await;
        let answers = join_all(scenes.iter().map(|scene| op.call(&side, scene))).await;
        for (answer, scene) in answers.iter().zip(&scenes) {
            assert!(answer.is_ok(), "{op:?}: {answer:?}");
            if op.writes() {
                expected.settle(&side, scene).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_locked_conversation_is_busy_and_the_others_are_not() {
    let refusing = Refusing::new().await;
    let side = refusing.side("lock_timeout", "50").await;
    let (locked, free) = (Scene::new(&refusing.watcher).await, Scene::new(&refusing.watcher).await);
    let lock = refusing.watcher.pool().begin().await.unwrap();
    lock.execute_unprepared(&refusing.lock(&locked)).await.unwrap();

    for op in [Op::Append, Op::Update, Op::Delete, Op::Erase, Op::ForgetUser] {
        let expected = Expected::of(op, &refusing.watcher).await;
        let answer = op.call(&side, &locked).await;

        assert!(matches!(answer, Err(Error::Busy(_))), "{op:?}: {answer:?}");
        expected.judge(&answer, &locked.state().await).unwrap();
    }
    for op in [Op::Messages, Op::Get] {
        op.call(&side, &locked).await.unwrap();
    }
    Op::Append.call(&side, &free).await.unwrap();

    lock.rollback().await.unwrap();
    Op::Append.call(&side, &locked).await.unwrap();
}

#[tokio::test]
async fn a_user_whose_row_is_locked_may_have_been_erased_already() {
    let refusing = Refusing::new().await;
    let side = refusing.side("lock_timeout", "50").await;
    let scene = Scene::new(&refusing.watcher).await;
    let expected = Expected::of(Op::ForgetUser, &refusing.watcher).await;
    let (schema, owner) = (refusing.bench.schema(), scene.owner.get());
    let lock = refusing.watcher.pool().begin().await.unwrap();
    let sql = format!("SELECT 1 FROM {schema}.users WHERE id = {owner} FOR UPDATE");
    lock.execute_unprepared(&sql).await.unwrap();

    let answer = Op::ForgetUser.call(&side, &scene).await;

    assert!(matches!(answer, Err(Error::OutcomeUnknown(_))), "{answer:?}");
    expected.judge(&answer, &scene.state().await).unwrap();
    lock.rollback().await.unwrap();
    expected.settle(&side, &scene).await.unwrap();
}

#[tokio::test]
async fn the_victim_of_a_deadlock_starts_again_by_itself() {
    let refusing = Refusing::new().await;
    let side = refusing.side("deadlock_timeout", "1000").await;
    let scene = Scene::new(&refusing.watcher).await;
    let expected = Expected::of(Op::Erase, &refusing.watcher).await;
    let (schema, owner) = (refusing.bench.schema(), scene.owner.get());
    let every =
        format!("UPDATE {schema}.conversations SET archived = archived WHERE user_id = {owner}");
    let other = refusing.watcher.pool().begin().await.unwrap();
    other.execute_unprepared("SET LOCAL deadlock_timeout = '10s'").await.unwrap();
    // The erasure meets the older conversation first, and waits for the younger.
    other.execute_unprepared(&refusing.lock(&scene)).await.unwrap();

    let waits = format!(
        "SELECT 1 FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND query LIKE '%{schema}%' AND query LIKE '%gone%'"
    );
    let cross = async {
        while rows(&refusing.watcher.pool(), &waits).await.is_empty() {}
        let crossed = other.execute_unprepared(&every).await.is_ok();
        if crossed { other.commit().await } else { other.rollback().await }.unwrap();
        crossed
    };
    let (answer, crossed) = tokio::join!(Op::Erase.call(&side, &scene), cross);

    expected.judge(&answer, &scene.state().await).unwrap();
    // A server that is slow enough makes the other one the victim.
    assert!(answer.is_ok() || !crossed, "{answer:?}");
}

#[tokio::test]
async fn a_call_that_is_a_victim_again_and_again_is_busy_after_three_attempts() {
    for code in ["40P01", "40001"] {
        let refusing = Refusing::new().await;
        let raise =
            format!("PERFORM nextval(TG_TABLE_SCHEMA || '.tries'); RAISE SQLSTATE '{code}'");
        refusing.trigger(&raise).await;
        let scene = Scene::without_messages(&refusing.watcher).await;
        let before = scene.state().await;

        let answer = Op::Append.call(&refusing.watcher, &scene).await;

        assert!(matches!(answer, Err(Error::Busy(_))), "{answer:?}");
        assert_eq!(refusing.tries().await, 3);
        assert_eq!(scene.state().await, before);
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_busy_and_was_not_applied() {
    let refusing = Refusing::new().await;
    let (scene, other) = (Scene::new(&refusing.watcher).await, Scene::new(&refusing.watcher).await);
    let expected = Expected::of(Op::Append, &refusing.watcher).await;
    refusing.trigger("PERFORM pg_sleep(60)").await;
    let side = refusing.side("statement_timeout", "100").await;

    let answer = Op::Append.call(&side, &scene).await;

    assert!(matches!(answer, Err(Error::Busy(_))), "{answer:?}");
    expected.judge(&answer, &scene.state().await).unwrap();
    Op::Update.call(&side, &other).await.unwrap();
}

#[tokio::test]
async fn a_server_that_only_reads_refuses_writes_until_it_writes_again() {
    let refusing = Refusing::new().await;
    let side = refusing.bench.side(&cluster().url(), 1).await;
    // The pool has one connection: all calls are in this session.
    let set = async |value| {
        let sql = format!("SET default_transaction_read_only = {value}");
        side.pool().execute_unprepared(&sql).await.unwrap();
    };

    for op in Op::ALL {
        let (expected, scene) =
            (Expected::of(op, &refusing.watcher).await, Scene::new(&refusing.watcher).await);
        let untouched = scene.state().await;
        set("on").await;
        let answer = op.call(&side, &scene).await;
        let state = scene.state().await;
        set("off").await;

        if op.writes() {
            assert!(matches!(answer, Err(Error::ReadOnly(_))), "{op:?}: {answer:?}");
            assert_eq!(state, untouched);
        } else {
            expected.judge(&answer, &state).unwrap();
        }
        expected.settle(&side, &scene).await.unwrap();
    }
}
