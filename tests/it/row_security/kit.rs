//! The whole kit behind the fence, and what it says where fence and statement are open at once.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    ConversationStore, UserId,
    conformance::{Fixture, rules},
};
use scrollback_proof::{I1, Trial, control};
use sea_orm::{ConnectionTrait, Statement};

use super::Fenced;
use crate::{
    conformance::broken_rules,
    threats::{Tampered, predicates, without},
};

/// Tables whose policies let everybody pass, read by statements that name no owner.
struct Open(Fenced);

impl Open {
    async fn new() -> Self {
        let database = Fenced::new().await;
        let maker = database.as_maker().await;
        for table in ["conversations", "messages"] {
            let open = format!("ALTER POLICY {table}_owner_policy ON {table} USING (true)");
            maker.execute_unprepared(&open).await.unwrap();
        }
        Self(database)
    }
}

/// A statement that reads, of everybody's rows.
fn of_everybody(statement: Statement) -> Statement {
    if !statement.sql.starts_with("SELECT") {
        return statement;
    }
    let mut places = predicates(&statement.sql);
    places.sort_unstable();
    // From the end, so that the places of the others stay right.
    let sql = places.into_iter().rev().fold(statement.sql, |sql, place| without(&sql, place));
    Statement { sql, ..statement }
}

#[async_trait]
impl Fixture for Open {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        Tampered::altering(self.0.as_server().await, of_everybody).store()
    }

    async fn owner(&self) -> UserId {
        self.0.owner().await
    }
}

#[tokio::test]
async fn the_whole_kit_passes_behind_the_fence() {
    let broken = broken_rules(Arc::new(Fenced::new().await)).await;

    Trial::of(I1, "rules of the conformance kit, under row level security")
        .times(rules().len())
        .wrong("broken", broken.len())
        .record();
    assert_eq!(broken, [""; 0]);
}

#[tokio::test]
async fn a_read_without_an_owner_through_an_open_policy_fails_the_kit() {
    let broken = broken_rules(Arc::new(Open::new().await)).await;

    let isolation = [
        "a_foreign_conversation_is_not_read",
        "foreign_messages_are_not_read",
        "listings_hold_nothing_of_others",
    ];
    let caught = isolation.iter().filter(|rule| broken.contains(*rule)).count();
    control(
        I1,
        "policies with `USING (true)`, and reads without their owner: rules that fail",
        caught,
        isolation.len(),
    );
    assert_eq!(caught, isolation.len(), "{broken:?}");
    // It is not that nothing works there.
    assert!(!broken.contains(&"an_appended_turn_is_read_elsewhere"), "{broken:?}");
}
