//! What a call may answer and leave behind when something happens to it.

use scrollback::{Error, Result};

use super::{
    bench::Side,
    op::Op,
    scene::{Scene, State},
    tally::{Flaw, Verdict, Wrong},
};

/// What there is before and after a call to which nothing happens.
pub(super) struct Expected {
    op: Op,
    before: Vec<String>,
    after: Vec<String>,
    /// `forget_user` says that it erases first, and then removes the user.
    between: Option<Vec<String>>,
    answer: String,
    /// As many ids as a call can leave.
    most: usize,
}

impl Expected {
    pub(super) async fn of(op: Op, watcher: &Side) -> Self {
        let scene = Scene::new(watcher).await;
        let before = scene.state().await;
        let between = match op {
            Op::ForgetUser => {
                let scene = Scene::new(watcher).await;
                Op::Erase.call(watcher, &scene).await.unwrap();
                Some(scene.state().await.rows)
            }
            _ => None,
        };
        let answer = op.call(watcher, &scene).await.unwrap();
        let after = scene.state().await;
        let most = before.ids.len().max(after.ids.len());
        Self { op, before: before.rows, after: after.rows, between, answer, most }
    }

    pub(super) fn is_applied(&self, found: &State) -> bool {
        found.rows == self.after
    }

    /// Whether the answer is true of what was found.
    pub(super) fn judge(&self, answer: &Result<String>, found: &State) -> Verdict {
        self.judge_dropped(found)?;
        let wrong = match answer {
            Ok(answer) if self.is_applied(found) && *answer == self.answer => return Ok(()),
            Ok(_) => Wrong::Lost,
            Err(Error::Busy(_)) if found.rows == self.before => return Ok(()),
            Err(Error::OutcomeUnknown(_)) if self.op.writes() => return Ok(()),
            Err(_) => Wrong::Class,
        };
        Err(Flaw::new(wrong, format!("answered {answer:?}, left {:?}", found.rows)))
    }

    /// Whether a dropped call was applied once or not at all.
    pub(super) fn judge_dropped(&self, found: &State) -> Verdict {
        let rows = &found.rows;
        let between = self.between.as_ref() == Some(rows);
        if *rows == self.before || *rows == self.after || between {
            return Ok(());
        }
        Err(Flaw::new(self.excess(found, Wrong::Torn), format!("left {rows:?}")))
    }

    /// Calls again until there is an answer, as a host would, and compares the end.
    pub(super) async fn settle(&self, side: &Side, scene: &Scene) -> Verdict {
        let found = scene.state().await;
        let answer = self.op.call(side, scene).await;
        let done = self.is_applied(&found);
        let settled = scene.state().await;
        let flaw = |wrong, text| Err(Flaw::new(wrong, format!("sent again, it {text}")));
        if settled.rows != self.after {
            let left = format!("answered {answer:?}, left {:?}", settled.rows);
            return flaw(self.excess(&settled, Wrong::Unsettled), left);
        }
        if done && settled.ids != found.ids {
            return flaw(Wrong::Doubled, "stored others".to_owned());
        }
        match &answer {
            Ok(answer) if *answer == self.answer || done || self.between.is_some() => Ok(()),
            Err(refusal) if done && self.op.is_done(refusal) => Ok(()),
            _ => flaw(Wrong::Unsettled, format!("answered {answer:?}")),
        }
    }

    fn excess(&self, found: &State, otherwise: Wrong) -> Wrong {
        if found.ids.len() > self.most { Wrong::Doubled } else { otherwise }
    }
}
