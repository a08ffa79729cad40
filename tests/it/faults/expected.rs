//! What a call may answer and leave behind when something happens to it.

use scrollback::{Error, Result};

use super::{
    bench::Side,
    op::Op,
    scene::{Scene, State},
};

/// What there is before and after a call to which nothing happens.
pub(super) struct Expected {
    op: Op,
    before: Vec<String>,
    after: Vec<String>,
    /// `forget_user` says that it erases first, and then removes the user.
    between: Option<Vec<String>>,
    answer: String,
}

impl Expected {
    pub(super) async fn of(op: Op, watcher: &Side) -> Self {
        let scene = Scene::new(watcher).await;
        let before = scene.state().await.rows;
        let between = match op {
            Op::ForgetUser => {
                let scene = Scene::new(watcher).await;
                Op::Erase.call(watcher, &scene).await.unwrap();
                Some(scene.state().await.rows)
            }
            _ => None,
        };
        let answer = op.call(watcher, &scene).await.unwrap();
        Self { op, before, after: scene.state().await.rows, between, answer }
    }

    /// Whether the answer is true of what was found; otherwise what is wrong.
    pub(super) fn judge(&self, answer: &Result<String>, found: &State) -> Result<(), String> {
        let rows = &found.rows;
        let (untouched, applied) = (*rows == self.before, *rows == self.after);
        let between = self.between.as_ref() == Some(rows);
        let holds = match answer {
            Ok(answer) => applied && *answer == self.answer,
            Err(Error::Busy(_)) => untouched,
            Err(Error::OutcomeUnknown(_)) => self.op.writes() && (untouched || applied || between),
            Err(_) => false,
        };
        if holds { Ok(()) } else { Err(format!("answered {answer:?}, left {rows:?}")) }
    }

    /// Whether a dropped call was applied once or not at all; otherwise what was found.
    pub(super) fn judge_dropped(&self, found: &State) -> Result<(), String> {
        let rows = &found.rows;
        let between = self.between.as_ref() == Some(rows);
        let holds = *rows == self.before || *rows == self.after || between;
        if holds { Ok(()) } else { Err(format!("left {rows:?}")) }
    }

    /// Calls again until there is an answer, as a host would, and compares the end.
    pub(super) async fn settle(&self, side: &Side, scene: &Scene) -> Result<(), String> {
        let found = scene.state().await;
        let answer = self.op.call(side, scene).await;
        let done = found.rows == self.after;
        match &answer {
            Ok(answer) if *answer == self.answer || done || self.between.is_some() => {}
            Err(refusal) if done && self.op.is_done(refusal) => {}
            _ => return Err(format!("sent again, it answered {answer:?}")),
        }
        let settled = scene.state().await;
        if settled.rows != self.after {
            return Err(format!("sent again, it left {:?}", settled.rows));
        }
        if done && settled.ids != found.ids {
            return Err("sent again, it stored others".to_owned());
        }
        Ok(())
    }
}
