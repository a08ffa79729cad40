//! F4 and F6 by a store that groups turns. What calls meet that share a statement is in `grouped`.

use futures_util::future::join_all;
use scrollback_proof::{F4, F6, Trial};

use super::{
    bench::Bench,
    cuts::{CUTS, Swept, sweep},
    expected::Expected,
    op::Op,
    scene::Scene,
    tally::Tally,
};
use crate::{database::OnPostgres, support::cluster};

#[tokio::test]
async fn a_cut_call_of_a_store_that_groups_says_rightly_whether_it_may_have_been_applied() {
    let bench = Bench::Grouping(OnPostgres::new().await);

    let Swept { tally, health } = sweep(&bench, true, &[Op::Append], &CUTS, None).await;

    tally.trial(F4, "cuts before and after every frame of turns by a store that groups").record();
    tally.assert_right();
    health.assert_well();
}

#[tokio::test]
async fn one_connection_serves_many_callers_who_share_statements() {
    let bench = Bench::Grouping(OnPostgres::new().await);
    let (watcher, side) = (bench.watcher().await, bench.side(&cluster().url(), 1).await);
    let mut tally = Tally::default();
    let scenes = join_all((0..64).map(|_| Scene::new(&watcher))).await;
    let expected = Expected::of(Op::Append, &watcher).await;

    let answers = join_all(scenes.iter().map(|scene| Op::Append.call(&side, scene))).await;

    let refused = answers.iter().filter(|answer| answer.is_err()).count();
    for (answer, scene) in answers.iter().zip(&scenes) {
        tally.judge("Append", &expected, answer, &side, scene).await;
    }
    Trial::of(F6, "turns of 64 callers at once on one connection, grouped")
        .times(answers.len())
        .wrong("refused", refused)
        .record();
    tally.assert_right();
    assert_eq!(refused, 0);
}
