//! Runs one sequence on all stores and compares every answer.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{
    answer::{Answer, OwnerView},
    audit,
    call::Call,
    op::{Op, Step},
    side::Side,
    world::World,
};

/// What a run has tried.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sequences: u64,
    outcomes: BTreeMap<String, u64>,
}

/// Runs the steps on every side and an audit at the end; the first side is the specification.
///
/// # Errors
///
/// The first difference between two sides, or the first rule that a side has broken.
pub(super) async fn sequence(
    sides: &mut [Side],
    steps: &[Step],
    tally: &mut Tally,
) -> Result<(), String> {
    let mut world = World::default();
    let mut watch = Watch::over(&sides[0]);
    tally.sequences += 1;
    for step in steps.iter().chain([&Step { actor: 0, op: Op::Audit }]) {
        let (actor, call) = world.resolve(step).map_err(|error| error.to_string())?;
        let answer = agreed(sides, actor, &call).await?;
        tally.count(&call, &answer);
        if !world.permits(actor, &call) && !answer.is_refusal() {
            return Err(format!("{call:?} by {actor} is not permitted, but got {answer:#?}"));
        }
        watch.others_are_unchanged(actor).await?;
        world.learn(actor, call, &answer);
    }
    Ok(())
}

/// Makes the call on all sides and returns the answer that all give.
async fn agreed(sides: &mut [Side], actor: usize, call: &Call) -> Result<Answer, String> {
    let mut specified: Option<(&str, Answer)> = None;
    for side in sides {
        let answer = side.answer(actor, call.clone()).await;
        if let Some(fault) = side.names.faults().first() {
            return Err(format!("{}: {fault}, seen after {call:?} by owner {actor}", side.name));
        }
        match &specified {
            None => specified = Some((side.name, answer)),
            Some((name, expected)) if *expected != answer => {
                return Err(format!(
                    "{call:?} by owner {actor}\n{name}: {expected:#?}\n{}: {answer:#?}",
                    side.name
                ));
            }
            Some(_) => {}
        }
    }
    specified.map(|(_, answer)| answer).ok_or_else(|| "there is no store".to_owned())
}

/// Looks at everything in the specification after every call.
///
/// The other stores are compared with it at every audit, which is cheaper and as strict.
struct Watch {
    side: Side,
    before: Option<Vec<OwnerView>>,
}

impl Watch {
    /// Symbols of its own: looking must not change what the sequence has seen.
    fn over(side: &Side) -> Self {
        Self {
            side: Side::new(side.name, Arc::clone(&side.store), side.names.owners),
            before: None,
        }
    }

    async fn others_are_unchanged(&mut self, actor: usize) -> Result<(), String> {
        let after = audit::everyone(&mut self.side).await.map_err(|error| error.to_string())?;
        let before = self.before.replace(after.clone()).unwrap_or_default();
        let mut owners = before.iter().zip(&after).enumerate();
        match owners.find(|(owner, (before, after))| *owner != actor && before != after) {
            Some((owner, _)) => Err(format!("owner {actor} changed what owner {owner} has")),
            None => Ok(()),
        }
    }
}

impl Tally {
    fn count(&mut self, call: &Call, answer: &Answer) {
        let outcome = format!("{:<13}{}", call.name(), answer.outcome());
        *self.outcomes.entry(outcome).or_default() += 1;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: u64 = self.outcomes.values().sum();
        let mean = calls as f64 / self.sequences.max(1) as f64;
        writeln!(f, "sequences   {}", self.sequences)?;
        writeln!(f, "calls       {calls} on each store, {mean:.1} a sequence")?;
        self.outcomes.iter().try_for_each(|(outcome, n)| writeln!(f, "{n:>9}   {outcome}"))
    }
}
