//! The connection is lost, or falls silent, under a statement that several calls share.

use std::time::Duration;

use futures_util::future::{join, join_all};
use scrollback::{Appended, ConversationId, ConversationStore, Error, GroupingStore, Result};
use scrollback_proof::{F4, F5, Trial, control};

use super::bench::{Bench, keyed};
use crate::support::{Fault, FaultProxy, cluster};

const CALLS: usize = 4;

/// Longer than any statement here; a count beyond it means that the sweep does not end.
const MOST_FRAMES: usize = 30;

struct Cut {
    bench: Bench,
    /// By which calls are made that share a statement.
    store: GroupingStore,
    proxy: FaultProxy,
}

impl Cut {
    async fn new() -> Self {
        let proxy = FaultProxy::start(cluster()).await;
        let bench = Bench::at(&proxy.url(), 1).await;
        Self { store: bench.store.clone(), bench, proxy }
    }

    /// Calls that share a statement to which this happens; whether it did.
    async fn shared(&self, fault: Fault) -> (Vec<ConversationId>, Vec<Result<Appended>>, bool) {
        let mut chats = Vec::new();
        for _ in 0..CALLS {
            chats.push(self.bench.chat().await);
        }
        let occupied = self.bench.occupy().await;
        let ann = self.bench.ann;
        let calls = chats.iter().map(|chat| self.store.append(ann, *chat, keyed("it", "k")));
        let calls = join_all(calls);
        let end = async {
            self.proxy.arm(fault);
            occupied.end().await
        };
        // The one before may be hit as well: its connection is the same.
        let (answers, _ended) = join(calls, end).await;
        let fired = self.proxy.fired().is_some();
        self.proxy.heal();
        (chats, answers, fired)
    }

    /// Whether later calls are answered, once the pool is rid of what is silent.
    async fn is_served(&self) -> Result<(), String> {
        let (chat, mut refusals) = (self.bench.chat().await, Vec::new());
        for _ in 0..10 {
            match self.bench.append(chat, keyed("later", "k")).await {
                Ok(_) => return Ok(()),
                Err(error) => refusals.push(error),
            }
        }
        Err(format!("later calls were {refusals:?}"))
    }

    /// What is wrong with an answer, or with what a repetition comes to.
    async fn judge(
        &self,
        chat: ConversationId,
        answer: &Result<Appended>,
        taken_for_busy: bool,
    ) -> Option<String> {
        let stored = self.bench.texts(self.bench.ann, chat).await.len();
        let right = match answer {
            Ok(_) => stored == 1,
            Err(Error::OutcomeUnknown(_)) if taken_for_busy => stored == 0,
            Err(Error::Busy(_)) => stored == 0,
            Err(Error::OutcomeUnknown(_)) => stored <= 1,
            Err(_) => false,
        };
        let store = self.bench.database.sql_store();
        let again = store.append(self.bench.ann, chat, keyed("it", "k")).await;
        let settled = self.bench.texts(self.bench.ann, chat).await.len();
        (!right || again.is_err() || settled != 1)
            .then(|| format!("answered {answer:?}, stored {stored}, then {again:?} and {settled}"))
    }
}

/// Cuts at every frame; how many calls were cut, what was wrong, and how many were in doubt.
async fn sweep(taken_for_busy: bool) -> (usize, Vec<String>, usize) {
    let cut = Cut::new().await;
    let (mut calls, mut wrong, mut doubt) = (0, Vec::new(), 0);
    for fault in [Fault::CutBefore, Fault::CutAfter] {
        for frame in 1..=MOST_FRAMES {
            assert!(frame < MOST_FRAMES, "the statement does not end");
            let (chats, answers, fired) = cut.shared(fault(frame)).await;
            for (chat, answer) in chats.iter().zip(&answers) {
                doubt += usize::from(matches!(answer, Err(Error::OutcomeUnknown(_))));
                let flaw = cut.judge(*chat, answer, taken_for_busy).await;
                wrong.extend(flaw.map(|flaw| format!("{:?}: {flaw}", fault(frame))));
            }
            calls += CALLS;
            if !fired {
                break;
            }
        }
    }
    (calls, wrong, doubt)
}

#[tokio::test]
async fn every_call_of_a_statement_that_is_cut_says_rightly_whether_it_may_be_applied() {
    let (calls, wrong, doubt) = sweep(false).await;

    Trial::of(F4, "calls that share a statement, cut before and after every frame")
        .times(calls)
        .wrong("wrong class of error, lost or doubled", wrong.len())
        .figure("`OutcomeUnknown`", doubt)
        .record();
    assert!(doubt > 0 && calls > 4 * CALLS, "{doubt} in doubt of {calls}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_shared_statement_in_doubt_that_is_taken_for_busy_is_found() {
    let (_, wrong, _) = sweep(true).await;

    let caught = !wrong.is_empty();
    control(F4, "a shared statement in doubt, taken for `Busy`", caught, 1);
    assert!(caught);
}

#[tokio::test]
async fn calls_that_share_a_black_hole_end_in_time_and_later_ones_are_served() {
    let mut cut = Cut::new().await;
    cut.store = cut.store.with_deadline(Duration::from_secs(2));
    let (mut calls, mut wrong) = (0, Vec::new());

    for fault in [Fault::Hole(1), Fault::Mute(3), Fault::Hole(2)] {
        let (chats, answers, fired) = cut.shared(fault).await;
        assert!(fired, "{fault:?}");
        for (chat, answer) in chats.iter().zip(&answers) {
            wrong.extend(cut.judge(*chat, answer, false).await);
        }
        calls += CALLS;
        wrong.extend(cut.is_served().await.err());
    }

    Trial::of(F5, "calls that share a statement which falls silent")
        .times(calls)
        .wrong("hung, wrong class of error, lost or doubled", wrong.len())
        .record();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
