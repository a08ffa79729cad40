//! F8: locks that somebody else holds, and deadlocks.

use scrollback::Error;
use scrollback_proof::{F8, Trial};
use sea_orm::ConnectionTrait;

use super::{
    bench::rows,
    expected::Expected,
    op::Op,
    refusing::Refusing,
    scene::Scene,
    tally::{Flaw, Tally, Verdict, Wrong},
    watch::{PATIENCE, Watch},
};

/// What a call may answer that has met a lock: nothing was applied.
fn is_busy(answer: &scrollback::Result<String>) -> Verdict {
    match answer {
        Err(Error::Busy(_)) => Ok(()),
        other => Err(Flaw::new(Wrong::Class, format!("answered {other:?}"))),
    }
}

/// Has methods meet the lock of a conversation, and others go on beside it.
async fn meet_a_lock(refusing: &Refusing, ops: &[Op], what: &str) {
    let side = refusing.side("lock_timeout", "50").await;
    let (mut tally, mut watch) = (Tally::default(), Watch::new(PATIENCE));

    for &op in ops {
        let expected = Expected::of(op, &refusing.watcher).await;
        let (locked, free) =
            (Scene::new(&refusing.watcher).await, Scene::new(&refusing.watcher).await);
        let lock = refusing.other(&refusing.lock(&locked)).await;
        let answer = op.call(&side, &locked).await;
        for other in [Op::Messages, Op::Get] {
            other.call(&side, &locked).await.unwrap();
        }
        for _ in 0..20 {
            let answer = watch.over(Op::AppendWithoutKey.call(&side, &free)).await;
            answer.expect("it does not wait").unwrap();
        }
        tally.note(format!("{op:?}"), is_busy(&answer));
        lock.rollback().await.unwrap();
        tally.judge(&format!("{op:?}"), &expected, &answer, &side, &locked).await;
    }

    tally
        .trial(F8, what)
        .wrong("calls on other conversations that waited for it", watch.hung)
        .figure("p99 of those", watch.percentile(99))
        .record();
    tally.assert_right();
    assert_eq!(watch.hung, 0);
}

#[tokio::test]
async fn a_locked_conversation_is_busy_and_the_others_are_not() {
    let ops = [Op::Append, Op::Update, Op::Delete, Op::Erase, Op::ForgetUser];
    let what = "methods that meet the lock of a conversation, with a `lock_timeout`";

    meet_a_lock(&Refusing::new().await, &ops, what).await;
}

#[tokio::test]
async fn a_locked_conversation_is_busy_behind_the_fence_too() {
    let what = "methods that meet the lock of a conversation, under row level security";

    meet_a_lock(&Refusing::fenced().await, &[Op::Append, Op::Erase], what).await;
}

#[tokio::test]
async fn a_user_whose_row_is_locked_may_have_been_erased_already() {
    let refusing = Refusing::new().await;
    let side = refusing.side("lock_timeout", "50").await;
    let scene = Scene::new(&refusing.watcher).await;
    let expected = Expected::of(Op::ForgetUser, &refusing.watcher).await;
    let (schema, owner) = (refusing.bench.schema(), scene.owner.get());
    let sql = format!("SELECT 1 FROM {schema}.users WHERE id = {owner} FOR UPDATE");
    let lock = refusing.other(&sql).await;

    let answer = Op::ForgetUser.call(&side, &scene).await;
    lock.rollback().await.unwrap();

    let mut tally = Tally::default();
    tally.judge("ForgetUser", &expected, &answer, &side, &scene).await;
    tally.trial(F8, "users to be forgotten whose row is locked").record();
    assert!(matches!(answer, Err(Error::OutcomeUnknown(_))), "{answer:?}");
    tally.assert_right();
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
    // The erasure meets the older conversation first, and waits for the younger.
    let lock = format!("SET LOCAL deadlock_timeout = '10s'; {}", refusing.lock(&scene));
    let other = refusing.other(&lock).await;

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

    let mut tally = Tally::default();
    tally.judge("Erase", &expected, &answer, &side, &scene).await;
    tally
        .trial(F8, "erasures that deadlock with a transaction of the host's")
        .figure("the victim was", if crossed { "the erasure" } else { "the host's transaction" })
        .record();
    tally.assert_right();
    // A server that is slow enough makes the other one the victim.
    assert!(answer.is_ok() || !crossed, "{answer:?}");
}

/// Has a call be the victim of every attempt, once for each reason.
async fn fall_victim(refusing: impl AsyncFn() -> Refusing, ops: &[Op], what: &str) {
    let (mut tally, mut attempts) = (Tally::default(), Vec::new());
    let cases = ops.iter().flat_map(|op| ["40P01", "40001"].map(|code| (*op, code)));
    for (op, code) in cases {
        let refusing = refusing().await;
        let raise =
            format!("PERFORM nextval(TG_TABLE_SCHEMA || '.tries'); RAISE SQLSTATE '{code}'");
        let scene = Scene::new(&refusing.watcher).await;
        let before = scene.state().await;
        refusing.trigger(&raise).await;

        let answer = op.call(&refusing.watcher, &scene).await;

        tally.calls += 1;
        tally.note(code, is_busy(&answer));
        if scene.state().await != before {
            tally.note(code, Err(Flaw::new(Wrong::Torn, "something was applied")));
        }
        attempts.push(refusing.tries().await);
    }

    let three = attempts.iter().filter(|tries| **tries == 3).count();
    Trial::of(F8, what)
        .times(attempts.len())
        .wrong("wrong class of error", tally.count(Wrong::Class))
        .wrong("applied", tally.count(Wrong::Torn))
        .wrong("not after three attempts", attempts.len() - three)
        .record();
    tally.assert_right();
    assert_eq!(three, attempts.len(), "{attempts:?}");
}

#[tokio::test]
async fn a_call_that_is_a_victim_again_and_again_is_busy_after_three_attempts() {
    let what = "turns that are the victim of every attempt (40P01, 40001)";

    fall_victim(Refusing::new, &[Op::Append], what).await;
}

#[tokio::test]
async fn a_victim_behind_the_fence_is_busy_after_three_attempts_too() {
    let what = "turns and erasures that are the victim of every attempt, under row level security";

    fall_victim(Refusing::fenced, &[Op::Append, Op::Erase], what).await;
}
