//! What waits is bounded, in number and in time.

use std::time::Duration;

use futures_util::future::{join, join_all};
use scrollback::{ConversationStore, Error};

use super::bench::{Bench, positions, turn};
use crate::{faults::give_up, support::cluster};

/// Nobody waits so long here.
const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn beyond_the_bound_a_call_is_busy_at_once_and_not_applied() {
    let mut bench = Bench::at(&cluster().url(), 2).await;
    bench.store = bench.store.with_max_waiting(3);
    let chat = bench.chat().await;
    let occupied = bench.occupy().await;

    let calls = join_all(["1", "2", "3"].map(|text| bench.append(chat, turn(text))));
    let refused = async {
        // An answer at the first poll.
        let answer = give_up(bench.append(chat, turn("too many")), 1).await;
        occupied.end().await.unwrap();
        answer
    };
    let (answers, refused) = join(calls, refused).await;

    assert!(matches!(refused, Some(Err(Error::Busy(_)))), "{refused:?}");
    assert_eq!(answers.iter().map(positions).collect::<Vec<_>>(), [[1], [2], [3]]);
    assert_eq!(bench.texts(bench.ann, chat).await, ["1", "2", "3"]);
    assert_eq!(positions(&bench.append(chat, turn("4")).await), [4], "there is room again");
}

#[tokio::test]
async fn a_deadline_that_passes_while_a_call_waits_is_busy_and_the_turn_is_never_sent() {
    let bench = Bench::new().await;
    let (chat, hurried) = (bench.chat().await, bench.store.clone().with_deadline(SHORT));
    let occupied = bench.occupy().await;

    let late = hurried.append(bench.ann, chat, turn("late"));
    let patient = bench.append(chat, turn("patient"));
    let late = async {
        let answer = late.await;
        occupied.end().await.unwrap();
        answer
    };
    let (late, patient) = join(late, patient).await;

    assert!(matches!(late, Err(Error::Busy(_))), "{late:?}");
    assert_eq!(positions(&patient), [1]);
    assert_eq!(bench.texts(bench.ann, chat).await, ["patient"]);
}

#[tokio::test]
async fn a_deadline_that_passes_under_a_statement_leaves_the_outcome_open() {
    let bench = Bench::new().await;
    let (chat, other) = (bench.chat().await, bench.chat().await);
    let hurried = bench.store.clone().with_deadline(SHORT);
    let lock = bench.lock(chat).await;

    let answer = hurried.append(bench.ann, chat, turn("in doubt")).await;
    let others = bench.append(other, turn("another")).await;
    lock.rollback().await.unwrap();

    assert!(matches!(answer, Err(Error::OutcomeUnknown(_))), "{answer:?}");
    assert_eq!(positions(&others), [1]);
}
