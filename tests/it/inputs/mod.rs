//! F17: bad and odd inputs, on the types alone and on all stores side by side.
//!
//! `SCROLLBACK_INPUT_CASES` sets how many, and `SCROLLBACK_INPUT_SEED` repeats a run.

mod calls;
mod limits;
mod odd;
mod report;
mod rng;
mod script;
mod stores;
mod values;

use std::{
    env,
    hash::{BuildHasher, RandomState},
    panic::{AssertUnwindSafe, catch_unwind},
    str::FromStr,
    sync::Arc,
};

use futures_util::FutureExt;
use scrollback::ConversationStore;
use scrollback_proof::{F17, I11, T13, control};

use self::{
    calls::Transcript,
    report::{Outcome, Report, Wrong},
    rng::Rng,
    script::Script,
    stores::{Stores, memory},
};
use crate::{
    broken::inputs::flaws,
    model::broken::{Broken, Defect},
};

/// One case of so many is sent to the stores; the others end at the types, as they do in a host.
const STORE_SHARE: u64 = 20;

/// What a store may answer to an input, be it ever so odd.
const ANSWERS: [&str; 4] = ["accepted", "not_found", "invalid_input", "conflict"];

type Store = (&'static str, Arc<dyn ConversationStore>);

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the seed repeats the run; shown when it fails")]
async fn bad_and_odd_inputs_are_answered_alike_by_every_store() {
    let cases = from_env("SCROLLBACK_INPUT_CASES").unwrap_or(3_000);
    let seed = from_env("SCROLLBACK_INPUT_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let stores = Stores::open().await;
    println!("SCROLLBACK_INPUT_SEED={seed}");

    let report = try_all(&stores.list, cases, seed).await;

    report.record();
    assert!(report.wrong.is_empty(), "seed {seed}: {:?}\n{:#?}", report.wrong, report.shown);
    assert!(report.classes() >= 19, "only {} classes were tried", report.classes());
}

#[tokio::test]
async fn a_store_that_differs_is_noticed() {
    let mut missed = Vec::new();
    for (defect, text) in [
        (Defect::ContentIsTrimmed, "contents without the spaces at their end"),
        (Defect::BadCursorIsPageOne, "a bad cursor that means page 1"),
        (Defect::KeyIsIgnored, "a key that is ignored"),
        (Defect::ExpectedCountIsIgnored, "an expected count that is ignored"),
        (Defect::LastReturnsTheOldest, "a last page that is the first"),
    ] {
        let broken: Store = ("broken", Arc::new(Broken::new(defect)));
        let report = try_all(&[memory(), broken], 2_000, 7).await;

        let noticed = report.has(Wrong::Differs) + report.has(Wrong::Altered) > 0;
        control(F17, text, noticed, 1);
        missed.extend((!noticed).then_some(text));
    }
    assert_eq!(missed, Vec::<&str>::new());
}

#[tokio::test]
async fn a_store_that_cannot_take_every_input_is_noticed() {
    let kinds = [Wrong::Panic, Wrong::Error, Wrong::Differs, Wrong::Altered];
    let mut missed = Vec::new();
    for ((text, store), wrong) in flaws().await.into_iter().zip(kinds) {
        let report = try_all(&[memory(), ("broken", store)], 4_000, 7).await;

        let noticed = report.has(wrong) > 0;
        let rows = if wrong == Wrong::Altered { [F17, I11] } else { [F17, T13] };
        for row in rows {
            control(row, text, noticed, 1);
        }
        missed.extend((!noticed).then_some(text));
    }
    assert_eq!(missed, Vec::<&str>::new());
}

async fn try_all(stores: &[Store], cases: u64, seed: u64) -> Report {
    let names = stores.iter().map(|(name, _)| *name).collect();
    let mut report = Report { seed, stores: names, ..Report::default() };
    for case in 0..cases {
        let mut rng = Rng::of_case(seed, case);
        if case % STORE_SHARE == 0 {
            report.scripts += 1;
            on_stores(stores, case, &mut rng, &mut report).await;
        } else {
            report.values += 1;
            on_types(case, &mut rng, &mut report);
        }
    }
    report
}

fn on_types(case: u64, rng: &mut Rng, report: &mut Report) {
    match catch_unwind(AssertUnwindSafe(|| values::case(rng))) {
        Ok(Outcome { class, verdict, fault }) => {
            report.count(class, &verdict);
            if let Some(fault) = fault {
                report.fault(case, Wrong::Limit, &format!("{class}: {fault}"));
            }
        }
        Err(_) => report.fault(case, Wrong::Panic, "a type panicked"),
    }
}

async fn on_stores(stores: &[Store], case: u64, rng: &mut Rng, report: &mut Report) {
    let script = Script::random(rng, case);
    let mut first: Option<Transcript> = None;
    for (name, store) in stores {
        let run = AssertUnwindSafe(calls::run(&**store, &script)).catch_unwind();
        let Ok(told) = run.await else {
            report.fault(case, Wrong::Panic, &format!("{name} panicked"));
            continue;
        };
        for altered in &told.altered {
            report.fault(case, Wrong::Altered, &format!("{name} altered {altered}"));
        }
        for (call, verdict) in &told.lines {
            if !ANSWERS.iter().any(|answer| verdict.starts_with(answer)) {
                let text = format!("{name} answered {call} with {verdict}");
                report.fault(case, Wrong::Error, &text);
            }
        }
        report.compared += told.compared;
        for _ in 0..told.unreadable {
            report.fault(case, Wrong::Unreadable, &format!("{name} cannot be read"));
        }
        match &first {
            None => {
                told.lines.iter().for_each(|(call, verdict)| report.count(call, verdict));
                first = Some(told);
            }
            Some(first) if first.lines != told.lines => {
                let mut lines = first.lines.iter().zip(&told.lines);
                let differ = lines.find(|(one, other)| one != other);
                report.fault(case, Wrong::Differs, &format!("{name} differs: {differ:?}"));
            }
            Some(_) => {}
        }
    }
}

fn from_env<T: FromStr>(name: &str) -> Option<T> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}
