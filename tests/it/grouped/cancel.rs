//! Calls that are dropped while others share their statement.

use futures_util::future::{join, join_all};
use scrollback::ConversationStore;
use scrollback_proof::{F11, Trial};

use super::bench::{Bench, keyed, positions, turn};
use crate::faults::{MOST_POLLS, give_up};

#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_is_not_sent() {
    let bench = Bench::new().await;
    let chat = bench.chat().await;
    let occupied = bench.occupy().await;

    let first = bench.append(chat, turn("first"));
    let dropped = give_up(bench.append(chat, turn("dropped")), 1);
    let last = async {
        let (answer, ended) = join(bench.append(chat, turn("last")), occupied.end()).await;
        ended.unwrap();
        answer
    };
    let (first, (dropped, last)) = join(first, join(dropped, last)).await;

    assert!(dropped.is_none());
    assert_eq!((positions(&first), positions(&last)), (vec![1], vec![2]));
    assert_eq!(bench.texts(bench.ann, chat).await, ["first", "last"]);
}

#[tokio::test]
async fn a_caller_who_goes_away_with_the_statement_under_way_lets_the_next_one_go() {
    let bench = Bench::new().await;
    let chat = bench.chat().await;
    let occupied = bench.occupy().await;

    let calls = join_all(["a", "b"].map(|text| bench.append(chat, turn(text))));
    let (answers, lock) = join(calls, occupied.abandon()).await;
    lock.rollback().await.unwrap();

    assert_eq!(answers.iter().map(positions).collect::<Vec<_>>(), [[1], [2]]);
    assert_eq!(bench.texts(bench.ann, chat).await, ["a", "b"]);
}

/// The first of those who wait is the one who is told to have the next statement sent.
#[tokio::test]
async fn whenever_one_of_those_who_share_is_dropped_the_others_are_stored_once() {
    let bench = Bench::new().await;
    let (mut drops, mut wrong) = (0, Vec::new());

    for at in [0, 1, 2] {
        for polls in 1..MOST_POLLS {
            let chats = [bench.chat().await, bench.chat().await, bench.chat().await];
            let occupied = bench.occupy().await;
            let calls = chats.iter().enumerate().map(|(number, chat)| {
                let polls = if number == at { polls } else { usize::MAX };
                give_up(bench.append(*chat, keyed("shared", "k")), polls)
            });
            let (answers, ended) = join(join_all(calls), occupied.end()).await;
            ended.unwrap();

            for (number, chat) in chats.iter().enumerate() {
                let again = bench.append(*chat, keyed("shared", "k")).await;
                let texts = bench.texts(bench.ann, *chat).await;
                let answered = matches!(&answers[number], Some(Ok(answer)) if !answer.replayed);
                let right = texts == ["shared"] && again.is_ok() && (answered || number == at);
                wrong.extend((!right).then(|| format!("{number} of {at}, {polls}: {texts:?}")));
            }
            if answers[at].is_some() {
                break;
            }
            drops += 1;
        }
    }

    Trial::of(F11, "calls dropped after every number of polls while others share their statement")
        .times(drops)
        .wrong("others not stored once, or not answered", wrong.len())
        .record();
    assert!(drops >= 4, "{drops} drops");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The runtime of a caller ends while the statement of others is under way in a task of its.
#[test]
fn others_are_stored_when_the_runtime_ends_that_had_begun_to_send() {
    let build =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let (stays, goes) = (build().unwrap(), build().unwrap());
    let bench = std::sync::Arc::new(stays.block_on(Bench::new()));
    let chat = stays.block_on(bench.chat());
    let lock = stays.block_on(bench.lock(chat));

    let call = |text: &'static str| {
        let bench = std::sync::Arc::clone(&bench);
        async move { bench.store.append(bench.ann, chat, turn(text)).await }
    };
    let leads = goes.spawn(call("goes"));
    stays.block_on(bench.until_blocked());
    let waits = stays.spawn(call("stays"));
    goes.shutdown_background();
    stays.block_on(lock.rollback()).unwrap();

    let answer = stays.block_on(waits).unwrap();
    assert!(stays.block_on(leads).is_err());
    let texts = stays.block_on(bench.texts(bench.ann, chat));
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(texts.iter().filter(|text| *text == "stays").count(), 1);
}
