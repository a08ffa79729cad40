//! Random sequences of calls, run on all stores side by side: every answer must be equal.
//!
//! The store in memory is the specification. Plain proptest over a list of steps, not
//! `proptest-state-machine`: steps choose ids and cursors by rank, so every sequence is valid as it
//! stands, the reference state is a store rather than a value that can be cloned while a sequence
//! is generated, and shrinking by leaving steps out needs no preconditions.
//!
//! `SCROLLBACK_MODEL_CASES` sets how many sequences, and `SCROLLBACK_MODEL_SEED` repeats a run.

mod answer;
mod audit;
pub(crate) mod broken;
mod call;
mod defect;
mod names;
mod op;
mod pages;
mod probe;
mod run;
mod side;
mod stores;
mod tally;
mod watch;
mod world;

use std::{
    cell::RefCell,
    env,
    hash::{BuildHasher, RandomState},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestRng, TestRunner,
};
use scrollback::{ConversationStore, UserId};
use scrollback_proof::{I1, I2, I3, I4, I7, I9, I10, I11, I12, I13, I14, Row, control};
use tokio::runtime::{Builder, Runtime};

use self::{
    broken::{Broken, Defect},
    side::Side,
    stores::{Stores, memory},
    tally::Tally,
};

const LONGEST_SEQUENCE: usize = 60;

#[test]
#[expect(clippy::print_stdout, reason = "the seed repeats the run; shown when it fails")]
fn every_store_answers_like_the_one_in_memory() {
    let cases = from_env("SCROLLBACK_MODEL_CASES").unwrap_or(64);
    let seed = from_env("SCROLLBACK_MODEL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let runtime = runtime();
    let stores = runtime.block_on(Stores::open()).expect("the stores open");
    println!("SCROLLBACK_MODEL_SEED={seed}");

    let (tally, wrong) = compare(&runtime, stores.list(), config(cases), seed, None);

    for (row, checked, violated) in CHECKED {
        tally.record(*row, checked, violated, seed);
    }
    println!("{}", tally.outcomes());
    let wrong = wrong.unwrap_or_default();
    assert!(wrong.is_empty(), "{wrong}\nthe seed was {seed}");
    let unchecked = CHECKED.iter().find(|(row, ..)| tally.checks(*row) == 0);
    assert_eq!(unchecked, None, "nothing was compared for it");
}

#[test]
fn every_seeded_defect_is_caught() {
    let runtime = runtime();
    let mut missed = Vec::new();
    for (defect, row, text) in Defect::ALL {
        let config = Config { failure_persistence: None, max_shrink_iters: 0, ..config(512) };
        let sides = [memory(), ("broken", Arc::new(Broken::new(*defect)) as _)];

        let (tally, _) = compare(&runtime, &sides, config, 7, Some(*row));

        let caught = tally.wrong(*row) > 0;
        control(*row, text, caught, 1);
        missed.extend((!caught).then_some(*defect));
    }
    assert_eq!(missed, []);
}

/// What a sequence compares for each invariant, and what it would be if it differed.
const CHECKED: &[(Row, &str, &str)] = &[
    (I1, "calls after each of which everything of another owner was compared", "something changed"),
    (I2, "calls on foreign and deleted ids, and the same on an unknown one", "told apart"),
    (
        I3,
        "conversations whose positions were read, and calls that failed and changed nothing",
        "gaps or changes",
    ),
    (I4, "conversations read again after every call", "not extended"),
    (I7, "keyed turns sent again, and with another payload", "another answer"),
    (I9, "pages compared, and lists walked with every limit, down and up", "another list"),
    (I10, "calls on what had just been deleted", "answered otherwise than `NotFound`"),
    (I11, "answers compared with the store in memory, and turns read back", "differing"),
    (I12, "readings of everything after a call", "failed"),
    (I13, "histories, listings and activity times compared", "out of order"),
    (I14, "erasures looked at, and made again", "something left"),
];

/// Runs sequences until one shows something wrong, and shrinks it; or, with a row, until something
/// is wrong with that.
fn compare(
    runtime: &Runtime,
    stores: &[(&'static str, Arc<dyn ConversationStore>)],
    config: Config,
    seed: u64,
    only: Option<Row>,
) -> (Tally, Option<String>) {
    let tally = RefCell::<Tally>::default();
    let seed = seed.to_le_bytes().repeat(4);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&op::steps(LONGEST_SEQUENCE), |steps| {
            let mut sides = stores.iter().map(fresh).collect::<Vec<_>>();
            let mut tally = tally.borrow_mut();
            let answer = runtime.block_on(run::sequence(&mut sides, &steps, &mut tally));
            match only {
                Some(row) if tally.wrong(row) == 0 => Ok(()),
                _ => answer.map_err(TestCaseError::fail),
            }
        });
    (tally.into_inner(), outcome.err().map(|wrong| wrong.to_string()))
}

/// A side with three owners who have nothing yet.
fn fresh((name, store): &(&'static str, Arc<dyn ConversationStore>)) -> Side {
    static OWNERS: AtomicI64 = AtomicI64::new(1);
    let first = OWNERS.fetch_add(3, Ordering::Relaxed);
    Side::new(name, Arc::clone(store), [first, first + 1, first + 2].map(UserId::new))
}

/// Shrunk failures are kept beside the sources and tried first in every later run.
fn config(cases: u32) -> Config {
    let regressions = FileFailurePersistence::Direct("tests/it/model/regressions.txt");
    Config {
        cases,
        failure_persistence: Some(Box::new(regressions)),
        max_shrink_iters: 4_000,
        ..Config::default()
    }
}

/// One for all sequences, so that the connections live as long as the run.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime needs no permission")
}

fn from_env<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
