//! Runs one sequence on all stores, compares every answer, and checks every invariant.

use scrollback_proof::{I2, I7, I9, I11, I12, Row};

use super::{
    answer::Answer,
    call::Call,
    op::{Op, Step},
    pages, probe,
    side::Side,
    tally::Tally,
    watch::Watch,
    world::World,
};

/// A database is looked at as closely as the memory in one sequence of so many; in the others it is
/// compared with the memory, answer by answer, and as a whole at every audit.
const CLOSELY: u64 = 16;

/// Runs the steps on every side and an audit at the end; the first side is the specification.
///
/// # Errors
///
/// The first thing that is wrong.
pub(super) async fn sequence(
    sides: &mut [Side],
    steps: &[Step],
    tally: &mut Tally,
) -> Result<(), String> {
    let mut world = World::default();
    let close = tally.sequences.is_multiple_of(CLOSELY);
    let mut watches: Vec<_> =
        sides.iter().map(|side| (close || side.in_memory).then(Watch::default)).collect();
    tally.sequences += 1;
    for step in steps.iter().chain([&Step { actor: 0, op: Op::Audit }]) {
        let (actor, call) = world.resolve(step).map_err(|error| error.to_string())?;
        let permitted = world.permits(actor, &call);
        let answers = answers(sides, actor, &call, tally).await;
        for ((side, watch), answer) in sides.iter_mut().zip(&mut watches).zip(&answers) {
            inspect(side, (actor, &call), answer, permitted, tally).await;
            if let Some(watch) = watch {
                watch.look(side, actor, answer.is_failure(), tally).await;
            }
        }
        if let Some(wrong) = tally.take_found() {
            return Err(wrong);
        }
        tally.count(&call, &answers[0]);
        world.learn(actor, call, &answers[0]);
    }
    for (side, watch) in sides.iter_mut().zip(&watches) {
        if watch.is_some() {
            pages::every_limit(side, tally).await;
        }
    }
    tally.take_found().map_or(Ok(()), Err)
}

/// Makes the call on all sides, and compares what the others answer with the first.
async fn answers(sides: &mut [Side], actor: usize, call: &Call, tally: &mut Tally) -> Vec<Answer> {
    let mut answers = Vec::<Answer>::new();
    for side in sides {
        let answer = side.answer(actor, call.clone()).await;
        if let Some(first) = answers.first() {
            for row in compared(call) {
                tally.check(row, *first == answer, || {
                    format!("{call:?} by {actor}: {first:#?}, but {}: {answer:#?}", side.name)
                });
            }
        }
        answers.push(answer);
    }
    answers
}

/// What equal answers are evidence for.
fn compared(call: &Call) -> Vec<Row> {
    match call {
        Call::List { .. } | Call::Messages { .. } => vec![I11, I9],
        Call::Append(_, turn) if turn.key().is_some() => vec![I11, I7],
        _ => vec![I11],
    }
}

/// Looks at one answer by itself.
async fn inspect(
    side: &mut Side,
    (actor, call): (usize, &Call),
    answer: &Answer,
    permitted: bool,
    tally: &mut Tally,
) {
    for (row, fault) in side.names.take_faults() {
        tally.check(row, false, || format!("{}: {fault}, after {call:?} by {actor}", side.name));
    }
    if !permitted {
        tally.check(I2, answer.is_refusal(), || {
            format!("{}: {call:?} by {actor} is not permitted, but got {answer:#?}", side.name)
        });
    }
    if let Err(error) = probe::after(side, (actor, call), answer, permitted, tally).await {
        tally.check(I12, false, || format!("{}: {error} after {call:?}", side.name));
    }
}
