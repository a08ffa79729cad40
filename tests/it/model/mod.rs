//! Random sequences of calls, run on all stores side by side: every answer must be equal.
//!
//! The store in memory is the specification. Plain proptest over a list of steps, not
//! `proptest-state-machine`: steps choose ids and cursors by rank, so every sequence is valid as it
//! stands, the reference state is a store rather than a value that can be cloned while a sequence
//! is generated, and shrinking by leaving steps out needs no preconditions.
//!
//! `SCROLLBACK_MODEL_CASES` sets how many sequences, `SCROLLBACK_MODEL_SEED` repeats a run, and
//! `SCROLLBACK_MODEL_REPORT` names a file for the figures; `scripts/model` sets them for a long run.

mod answer;
mod audit;
pub(crate) mod broken;
mod call;
mod names;
mod op;
mod run;
mod side;
mod stores;
mod world;

use std::{
    cell::RefCell,
    env, fs,
    hash::{BuildHasher, RandomState},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestRng, TestRunner,
};
use scrollback::{ConversationStore, UserId};
use tokio::runtime::{Builder, Runtime};

use self::{
    broken::{Broken, Defect},
    run::Tally,
    side::Side,
    stores::{Stores, memory},
};

const LONGEST_SEQUENCE: usize = 60;

#[test]
#[expect(clippy::print_stdout, reason = "the seed repeats the run; shown when it fails")]
fn every_store_answers_like_the_one_in_memory() {
    let cases = from_env("SCROLLBACK_MODEL_CASES").unwrap_or(64);
    let seed = from_env("SCROLLBACK_MODEL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let runtime = runtime();
    let stores = runtime.block_on(Stores::open()).expect("the stores open");
    let started = Instant::now();
    println!("SCROLLBACK_MODEL_SEED={seed}");

    let (tally, difference) = compare(&runtime, stores.list(), config(cases), seed);

    let verdict = difference.as_deref().unwrap_or("no difference");
    let seconds = started.elapsed().as_secs();
    let report = format!("seed        {seed}\nseconds     {seconds}\n{tally}{verdict}\n");
    if let Ok(path) = env::var("SCROLLBACK_MODEL_REPORT") {
        fs::write(path, &report).expect("the report's folder exists");
    }
    println!("{report}");
    assert!(difference.is_none(), "the stores differ, as printed above; the seed was {seed}");
}

#[test]
fn every_seeded_defect_is_caught() {
    let runtime = runtime();
    let config = Config { failure_persistence: None, max_shrink_iters: 0, ..config(512) };

    let missed = Defect::ALL.into_iter().filter(|defect| {
        let sides = [memory(), ("broken", Arc::new(Broken::new(*defect)) as _)];
        compare(&runtime, &sides, config.clone(), 7).1.is_none()
    });

    assert_eq!(missed.collect::<Vec<_>>(), []);
}

/// Runs sequences until one shows a difference, and shrinks it.
fn compare(
    runtime: &Runtime,
    stores: &[(&'static str, Arc<dyn ConversationStore>)],
    config: Config,
    seed: u64,
) -> (Tally, Option<String>) {
    let tally = RefCell::default();
    let seed = seed.to_le_bytes().repeat(4);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&op::steps(LONGEST_SEQUENCE), |steps| {
            let mut sides = stores.iter().map(fresh).collect::<Vec<_>>();
            let mut tally = tally.borrow_mut();
            let sequence = run::sequence(&mut sides, &steps, &mut tally);
            runtime.block_on(sequence).map_err(TestCaseError::fail)
        });
    (tally.into_inner(), outcome.err().map(|difference| difference.to_string()))
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
