//! T5: whatever anybody stores, of others or of themselves, opens nothing.

use async_trait::async_trait;
use scrollback::{
    Conversation, ConversationId, ConversationStore, ConversationUpdate, Metadata, NewMessage,
    Result, Turn, UserId, conformance::Fixture,
};
use scrollback_proof::{T5, control};
use serde_json::json;

use super::{
    fixtures,
    matrix::{Findings, Scene},
    rows::ROWS,
};
use crate::broken::{Base, Flaw, Flawed};

/// Everything that has ever been taken for a permission, naming `whom` and `what`.
fn claims(whom: UserId, what: ConversationId) -> Metadata {
    let (whom, what) = (whom.get(), what.get());
    let claims = json!({
        "owner": whom, "user_id": whom, "userId": whom, "public": true, "visibility": "public",
        "shared_with": [whom], "collaborators": [{ "id": whom, "role": "owner" }],
        "access_control": { "read": { "user_ids": [whom] }, "write": { "user_ids": [whom] } },
        "share_id": what, "conversation_id": what, "parent_id": what, "thread_id": what,
        "attachments": [{ "conversation_id": what, "user_id": whom }], "file_ids": [what],
    });
    Metadata::new(claims).unwrap()
}

/// Stores the claims in both conversations and in messages of both, as their owners may.
async fn plant(scene: &Scene) {
    let claims = claims(scene.caller, scene.secret());
    for (owner, chat) in [(scene.victim, scene.secret()), (scene.caller, scene.own.chat)] {
        let titled = ConversationUpdate::new().with_title(claims.as_json()).unwrap();
        scene.watcher.update(owner, chat, titled.with_metadata(claims.clone())).await.unwrap();
        let message = NewMessage::user(claims.as_json()).with_metadata(claims.clone());
        scene.watcher.append(owner, chat, Turn::new([message]).unwrap()).await.unwrap();
    }
}

async fn findings(fixture: &dyn Fixture) -> Findings {
    let mut findings = Findings::default();
    for row in ROWS {
        let scene = Scene::set(fixture, fixture.store().await).await;
        plant(&scene).await;
        findings.add(row, &scene).await;
    }
    findings
}

#[tokio::test]
async fn what_is_stored_grants_nothing() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures().await {
        let findings = findings(&*fixture).await;
        findings.record(T5, &format!("cells of the matrix, claims in all that is stored, {name}"));
        wrong.extend(findings.faults.into_iter().map(|(_, fault, text)| (name, fault, text)));
    }

    assert_eq!(wrong, []);
}

/// Believes a conversation that says with whom it is shared.
#[derive(Debug, Default)]
struct BelievesMetadata;

#[async_trait]
impl Flaw for BelievesMetadata {
    async fn get(&self, base: &Base, owner: UserId, id: ConversationId) -> Result<Conversation> {
        let chat = base.store.get(base.owner_of(id)?, id).await?;
        let shared = chat.metadata.to_value()["shared_with"]
            .as_array()
            .is_some_and(|users| users.contains(&json!(owner.get())));
        if shared { Ok(chat) } else { base.store.get(owner, id).await }
    }
}

#[tokio::test]
async fn a_store_that_believes_what_is_stored_is_noticed() {
    let believes = Flawed::<BelievesMetadata>::default();

    let found = findings(&believes).await.faults;

    control(
        T5,
        "a store that takes `shared_with` in metadata for a permission",
        usize::from(!found.is_empty()),
        1,
    );
    assert!(!found.is_empty());
    assert!(
        Findings::of(&believes).await.faults.is_empty(),
        "the claims are what makes the difference"
    );
}
