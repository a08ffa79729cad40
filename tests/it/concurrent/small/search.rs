//! Whether a history is linearizable: an exhaustive search (Wing and Gong, 1993) that visits no
//! state twice.

use std::collections::HashSet;

use super::spec::{Answer, Call, Spec};

/// One call with its answer, and when it was sent and answered.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) invoked: u64,
    pub(super) returned: u64,
    pub(super) call: Call,
    pub(super) answer: Answer,
}

/// Whether some order of the calls, which keeps the order of those that did not overlap, gives every
/// answer. Each task's calls come one after the other.
pub(super) fn is_linearizable(tasks: &[Vec<Op>]) -> bool {
    let start = (vec![0; tasks.len()], Spec::default());
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    while let Some((done, state)) = open.pop() {
        let next: Vec<_> = tasks.iter().zip(&done).map(|(ops, at)| ops.get(*at)).collect();
        // Whatever comes next must have been sent before any of the others had been answered.
        let Some(latest) = next.iter().flatten().map(|op| op.returned).min() else { return true };
        for (task, op) in next.into_iter().enumerate() {
            let Some(op) = op.filter(|op| op.invoked <= latest) else { continue };
            let mut after = (done.clone(), state.clone());
            after.0[task] += 1;
            if after.1.apply(&op.call, &op.answer) && seen.insert(after.clone()) {
                open.push(after);
            }
        }
    }
    false
}
