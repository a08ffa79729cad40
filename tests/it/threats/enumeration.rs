//! T11: counting through ids finds nothing, and session ids cannot be guessed.

use std::collections::HashSet;

use scrollback::{
    ConversationId, ConversationStore, Limit, MessageQuery, NewConversation, SessionId, UserId,
};

use super::{everything, fixtures, rows::turn};
use crate::model::broken::{Broken, Defect};

/// The different answers to somebody who tries all ids up to `last`.
async fn answers(store: &dyn ConversationStore, thief: UserId, last: i64) -> HashSet<String> {
    let mut answers = HashSet::new();
    let query = MessageQuery::last(Limit::MAX);
    for id in (-2..=last).map(ConversationId::new) {
        answers.insert(format!("{:?}", store.get(thief, id).await.err()));
        answers.insert(format!("{:?}", store.messages(thief, id, query).await.err()));
        answers.insert(format!("{:?}", store.append(thief, id, turn(1)).await.err()));
        answers.insert(format!("{:?}", store.delete(thief, id).await.err()));
    }
    answers
}

async fn some_chats(store: &dyn ConversationStore, owner: UserId) -> i64 {
    let mut last = 0;
    for _ in 0..20 {
        last = store.create(owner, NewConversation::new()).await.unwrap().id.get();
    }
    last
}

#[tokio::test]
async fn counting_through_ids_finds_nothing() {
    for ((name, fixture), beyond) in fixtures().await.into_iter().zip([100_000, 200, 200]) {
        let (store, victim, thief) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let last = some_chats(&*store, victim).await;
        let before = everything(&*store, victim).await;

        let answers = answers(&*store, thief, last + beyond).await;

        assert_eq!(answers, HashSet::from(["Some(NotFound)".to_owned()]), "{name}");
        assert!(everything(&*store, victim).await == before, "{name}");
    }
}

#[tokio::test]
async fn a_store_that_takes_ids_for_permissions_is_noticed() {
    let store = Broken::new(Defect::GetHasNoOwnerCheck);
    let last = some_chats(&store, UserId::new(1)).await;

    assert_ne!(answers(&store, UserId::new(2), last).await.len(), 1);
}

#[test]
fn session_ids_have_122_random_bits() {
    const SAMPLES: u32 = 100_000;
    // RFC 9562, section 5.4: four bits say version 4, two say the variant.
    const FIXED: u128 = (0xf << 76) | (0b11 << 62);
    let ids: HashSet<u128> = (0..SAMPLES)
        .map(|_| {
            let text = SessionId::generate().as_str().replace('-', "");
            u128::from_str_radix(&text, 16).unwrap()
        })
        .collect();

    assert_eq!(ids.len(), SAMPLES as usize, "session ids repeat");
    assert!(ids.iter().all(|id| id & FIXED == (4 << 76) | (0b10 << 62)));
    for bit in (0..128).filter(|bit| FIXED >> bit & 1 == 0) {
        let set = ids.iter().filter(|id| *id >> bit & 1 == 1).count() as u32;
        // Six standard deviations of a fair coin are 949: one run in ten million fails.
        assert!(set.abs_diff(SAMPLES / 2) < 950, "bit {bit} is set {set} times of {SAMPLES}");
    }
}
