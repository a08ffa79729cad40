//! The rounds: in each, everything is measured once, in an order that is drawn anew.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use fastrand::Rng;

use crate::{
    args::Args,
    contender::{Group, Result},
    data::Bodies,
    entry::Entry,
    op::{Cell, Work},
    progress,
    slice::{Slice, Task},
    stage::Stage,
};

/// One slice for each round.
pub(crate) type Slices = BTreeMap<(Cell, &'static str), Vec<Slice>>;

pub(crate) struct Rounds<'a> {
    pub(crate) args: &'a Args,
    pub(crate) seed: u64,
    pub(crate) work: Arc<Work>,
    pub(crate) bodies: Arc<Bodies>,
}

impl Rounds<'_> {
    /// Measures a group.
    pub(crate) async fn run(&self, group: Group, stage: &Stage) -> Result<Slices> {
        let mut slices = Slices::new();
        let mut random = Rng::with_seed(self.seed);
        for round in 1..=self.args.rounds() {
            progress(&format!("{}: round {round} of {}", group.title(), self.args.rounds()));
            let mut cells = Cell::all(group);
            cells.retain(|cell| self.args.asks(cell.op));
            random.shuffle(&mut cells);
            for cell in cells {
                self.cell(cell, stage, &mut random, &mut slices).await?;
            }
        }
        Ok(slices)
    }

    /// One contender after the other: nothing else lies between their figures.
    async fn cell(
        &self,
        cell: Cell,
        stage: &Stage,
        random: &mut Rng,
        slices: &mut Slices,
    ) -> Result<()> {
        let task = Task {
            cell,
            work: Arc::clone(&self.work),
            bodies: Arc::clone(&self.bodies),
            length: Duration::from_millis(self.args.slice),
            seed: random.u64(..),
        };
        let mut entries: Vec<_> = stage.entries.iter().collect();
        random.shuffle(&mut entries);
        for Entry { name, contender } in entries {
            let Ok(contender) = contender else { continue };
            if contender.lacks(cell.op).is_some() {
                continue;
            }
            // After one, the first write to each page is logged whole: it must cost all the same.
            if let (true, Some(server)) = (cell.op.writes(), &stage.server) {
                server.checkpoint().await?;
            }
            let slice = contender.measure(&task).await;
            let slice = slice.map_err(|error| format!("{name}, {}: {error}", cell.title()))?;
            slices.entry((cell, name)).or_default().push(slice);
        }
        Ok(())
    }
}
