//! F6: no call holds two connections at a time. One that did would wait for the second, on a pool of
//! one, until it is `Busy`.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use scrollback::{
    ConversationStore, UserId,
    conformance::{Fixture, Rule, rules},
};
use scrollback_proof::{F6, Trial, control};
use tokio::time::timeout;

use super::{bench::Side, habits::Habit};
use crate::{database::OnPostgres, support::cluster};

/// A database to which every store has one connection.
struct Single {
    database: OnPostgres,
    habit: Option<Habit>,
}

#[async_trait]
impl Fixture for Single {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        let side = Side::over(self.database.store_at(&cluster().url(), 1).await);
        match self.habit {
            Some(habit) => side.with_habit(habit).store,
            None => side.store,
        }
    }

    async fn owner(&self) -> UserId {
        self.database.owner().await
    }
}

/// The rules that do not hold there, or come to no end: the kit sends again what was `Busy`.
async fn broken(
    rules: impl Iterator<Item = Rule>,
    habit: Option<Habit>,
    patience: Duration,
) -> Vec<&'static str> {
    let fixture = Arc::new(Single { database: OnPostgres::with_pools_of(1).await, habit });
    let mut broken = Vec::new();
    for rule in rules {
        let fixture = Arc::clone(&fixture);
        let checked = async move { timeout(patience, rule.check(&*fixture)).await };
        let held = tokio::spawn(checked).await.is_ok_and(|ended| ended.is_ok());
        broken.extend((!held).then_some(rule.name()));
    }
    broken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rule_holds_on_pools_of_one_connection() {
    let broken = broken(rules().iter().copied(), None, Duration::from_secs(60)).await;

    Trial::of(F6, "rules of the contract, each on pools of one connection")
        .times(rules().len())
        .wrong("broken", broken.len())
        .record();
    assert!(broken.is_empty(), "{broken:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_needs_two_connections_at_once_is_found() {
    let rule = "an_appended_turn_is_read_elsewhere";
    let rules = rules().iter().copied().filter(|it| it.name() == rule);

    // A store that needs one connection ends in a tenth of this.
    let broken = broken(rules, Some(Habit::TwoAtOnce), Duration::from_secs(4)).await;

    control(F6, "a store that needs two connections at once", broken.len(), 1);
    assert_eq!(broken, [rule]);
}
