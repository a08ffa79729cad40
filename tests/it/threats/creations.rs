//! T7: creating is never an update, neither of the creator's own nor of another's.

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationStore, ConversationUpdate, Error, NewConversation, Result, SessionId,
    UserId, conformance::Fixture,
};
use scrollback_proof::{T7, Trial, control};

use super::{everything, fixtures, matrix::Scene};
use crate::broken::{Base, Flaw, Flawed};

/// Creates with sessions that are there, in every way: what exists must stay as it is.
async fn touched(fixture: &dyn Fixture) -> (usize, Vec<String>) {
    let scene = Scene::set(fixture, fixture.store().await).await;
    let (store, watcher) = (&*scene.store, &*scene.watcher);
    let foreign = scene.others[0].1.session.clone();
    let own = scene.own.session.clone();
    let fresh = SessionId::generate();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (kind, session) in
        [("foreign", &foreign), ("fresh", &fresh), ("own", &own), ("foreign again", &foreign)]
    {
        let new =
            NewConversation::new().with_session(session.clone()).with_title("forged").unwrap();
        let before =
            (everything(watcher, scene.caller).await, everything(watcher, scene.victim).await);
        let answer = store.create(scene.caller, new).await;
        let mut after =
            (everything(watcher, scene.caller).await, everything(watcher, scene.victim).await);
        let right = match &answer {
            Ok(made) => {
                after.0.retain(|(chat, _)| chat.id != made.id);
                let empty = made.owner == scene.caller && made.message_count == 0;
                let free = matches!(kind, "foreign" | "fresh");
                free && empty && !before.0.iter().any(|(chat, _)| chat.id == made.id)
            }
            Err(error) => {
                matches!(error, Error::Conflict(_)) && !matches!(kind, "foreign" | "fresh")
            }
        };
        tried += 1;
        wrong.extend((!right).then(|| format!("{kind}: {answer:?}")));
        wrong.extend((after != before).then(|| format!("{kind}: something there has changed")));
    }
    (tried, wrong)
}

#[tokio::test]
async fn creating_touches_nothing_that_is_there() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (tried, wrong) = touched(&*fixture).await;
        Trial::of(T7, format!("creations with sessions that exist, {name}"))
            .times(tried)
            .wrong("touched what was there", wrong.len())
            .record();
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
}

/// `ON CONFLICT DO UPDATE`.
#[derive(Debug, Default)]
struct Upserts;

#[async_trait]
impl Flaw for Upserts {
    async fn create(
        &self,
        base: &Base,
        owner: UserId,
        new: NewConversation,
    ) -> Result<Conversation> {
        let Some(session) = new.session.clone() else { return base.create(owner, new).await };
        match base.store.find_session(owner, &session).await {
            Ok(there) => {
                let mut update = ConversationUpdate::new();
                update.title = Some(new.title);
                base.store.update(owner, there.id, update).await
            }
            Err(_) => base.create(owner, new).await,
        }
    }
}

#[tokio::test]
async fn a_store_that_updates_what_it_finds_is_noticed() {
    let (_, wrong) = touched(&Flawed::<Upserts>::default()).await;

    control(
        T7,
        "a creation that updates the row with the same session",
        usize::from(!wrong.is_empty()),
        1,
    );
    assert!(!wrong.is_empty());
}
