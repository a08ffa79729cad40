//! F9, F16: a server that says no for now.

use scrollback::{Error, Result};
use scrollback_proof::{F9, F16, control};

use super::{
    expected::Expected,
    habits::Habit,
    op::Op,
    refusing::Refusing,
    rounds,
    scene::Scene,
    tally::{Flaw, Tally, Verdict, Wrong},
    watch::{PATIENCE, Watch},
};

fn class(answer: &Result<String>, right: bool) -> Verdict {
    let flaw = || Flaw::new(Wrong::Class, format!("answered {answer:?}"));
    if right { Ok(()) } else { Err(flaw()) }
}

/// Has methods wait for a lock on all tables for longer than a statement may take.
async fn take_too_long(refusing: &Refusing, ops: &[Op], what: &str) {
    let schema = refusing.bench.schema();
    let every = format!("LOCK {schema}.conversations, {schema}.messages, {schema}.users");
    let side = refusing.side("statement_timeout", "100").await;
    let (mut tally, mut watch) = (Tally::default(), Watch::new(PATIENCE));

    for op in ops.repeat(rounds()) {
        let (expected, scene) =
            (Expected::of(op, &refusing.watcher).await, Scene::new(&refusing.watcher).await);
        let lock = refusing.other(&every).await;
        let answer = watch.over(op.call(&side, &scene)).await;
        lock.rollback().await.unwrap();

        let Some(answer) = answer else { continue };
        tally.note(format!("{op:?}"), class(&answer, matches!(answer, Err(Error::Busy(_)))));
        tally.judge(&format!("{op:?}"), &expected, &answer, &side, &scene).await;
    }

    tally
        .trial(F16, what)
        .wrong("hung", watch.hung)
        .figure("longest call", watch.percentile(100))
        .record();
    tally.assert_right();
    assert_eq!(watch.hung, 0);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_busy_and_was_not_applied() {
    let what = "calls of every method under a `statement_timeout` of 100 ms (57014)";

    take_too_long(&Refusing::new().await, &Op::ALL, what).await;
}

#[tokio::test]
async fn a_statement_behind_the_fence_that_takes_too_long_was_not_applied_either() {
    let what =
        "turns and erasures that take longer than a `statement_timeout`, under row level security";

    take_too_long(&Refusing::fenced().await, &[Op::Append, Op::Erase], what).await;
}

/// Has the second statement of a turn last longer than it may.
const SECOND_IS_SLOW: &str =
    "PERFORM CASE WHEN nextval(TG_TABLE_SCHEMA || '.tries') > 1 THEN pg_sleep(60) END";

#[tokio::test]
async fn a_turn_that_is_half_stored_when_the_time_is_up_is_found() {
    let refusing = Refusing::new().await;
    let side = refusing.side("statement_timeout", "100").await.with_habit(Habit::Piecemeal);
    let expected = Expected::of(Op::Append, &refusing.watcher).await;
    let scene = Scene::new(&refusing.watcher).await;
    refusing.trigger(SECOND_IS_SLOW).await;

    let answer = Op::Append.call(&side, &scene).await;

    let verdict = expected.judge(&answer, &scene.state().await);
    let caught = verdict.as_ref().is_err_and(|flaw| flaw.wrong == Wrong::Torn);
    control(F16, "a store that stores a turn message by message", caught, 1);
    assert!(matches!(answer, Err(Error::Busy(_))), "{answer:?}");
    assert!(caught, "{verdict:?}");
}

#[tokio::test]
async fn a_turn_that_takes_too_long_to_store_is_not_stored_and_others_are() {
    let refusing = Refusing::new().await;
    let (scene, other) = (Scene::new(&refusing.watcher).await, Scene::new(&refusing.watcher).await);
    let expected = Expected::of(Op::Append, &refusing.watcher).await;
    refusing.trigger("PERFORM pg_sleep(60)").await;
    let side = refusing.side("statement_timeout", "100").await;

    let answer = Op::Append.call(&side, &scene).await;

    let mut tally = Tally::default();
    tally.calls += 1;
    tally.note("Append", class(&answer, matches!(answer, Err(Error::Busy(_)))));
    tally.note("Append", expected.judge(&answer, &scene.state().await));
    tally.trial(F16, "turns that a trigger holds up (57014)").record();
    tally.assert_right();
    Op::Update.call(&side, &other).await.unwrap();
}

/// Calls in sessions that only read.
async fn only_read(refusing: &Refusing, ops: &[Op], what: &str) {
    let side = refusing.side("default_transaction_read_only", "on").await;
    let mut tally = Tally::default();

    for &op in ops {
        let (expected, scene) =
            (Expected::of(op, &refusing.watcher).await, Scene::new(&refusing.watcher).await);
        let untouched = scene.state().await;
        let answer = op.call(&side, &scene).await;

        let at = format!("{op:?}");
        if op.writes() {
            tally.calls += 1;
            tally.note(&at, class(&answer, matches!(answer, Err(Error::ReadOnly(_)))));
            if scene.state().await != untouched {
                tally.note(&at, Err(Flaw::new(Wrong::Torn, "something was applied")));
            }
            tally.note(&at, expected.settle(&refusing.watcher, &scene).await);
        } else {
            tally.judge(&at, &expected, &answer, &side, &scene).await;
        }
    }

    tally.trial(F9, what).record();
    tally.assert_right();
}

#[tokio::test]
async fn a_server_that_only_reads_refuses_writes_and_answers_reads() {
    let what = "calls of every method in sessions that only read (25006)";

    only_read(&Refusing::new().await, &Op::ALL, what).await;
}

#[tokio::test]
async fn a_server_that_only_reads_refuses_writes_behind_the_fence_too() {
    let what = "turns, erasures and reads in sessions that only read, under row level security";

    only_read(&Refusing::fenced().await, &[Op::Append, Op::Erase, Op::Messages], what).await;
}
