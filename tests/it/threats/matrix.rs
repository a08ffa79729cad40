//! T1, T2, T4, T7, T10, T18: every method with every kind of id that is not the caller's.

use std::{collections::BTreeSet, sync::Arc};

use scrollback::{
    Conversation, ConversationId, ConversationQuery, ConversationStore, Cursor, Limit,
    MessageQuery, NewConversation, SessionId, UserId, conformance::Fixture,
};

use super::{
    everything, fixtures,
    rows::{ROWS, Row, Target, key, turn},
};
use crate::{architecture::source::Source, broken::flaws};

/// A caller, somebody else, and things by which the caller may call.
pub(super) struct Scene {
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) caller: UserId,
    victim: UserId,
    secret: ConversationId,
    pub(super) own: Target,
    /// What never was; the answer for it is the answer for everything else.
    pub(super) unknown: Target,
    pub(super) others: Vec<(&'static str, Target)>,
}

impl Scene {
    /// The caller comes by `store`, which has the data of `fixture`.
    pub(super) async fn set(fixture: &dyn Fixture, store: Arc<dyn ConversationStore>) -> Self {
        let (caller, victim) = (fixture.owner().await, fixture.owner().await);
        let own = chat(&*store, caller, "mine").await;
        let foreign = chat(&*store, victim, "private").await;
        let mut deleted_own = deleted(&*store, caller, "closed").await;
        // The cursor of what is the caller's own tells the caller nothing, whatever it answers.
        (deleted_own.in_messages, deleted_own.in_listing) = (made_up(), made_up());
        let deleted_foreign = deleted(&*store, victim, "shredded").await;
        let secret = foreign.chat;
        let others = vec![
            ("foreign", foreign),
            ("deleted own", deleted_own),
            ("deleted foreign", deleted_foreign),
            ("zero", number(0, "0")),
            ("negative", number(-1, "-1")),
            ("smallest", number(i64::MIN, "min")),
            ("largest", number(i64::MAX, "max")),
        ];
        let unknown = number(i64::MAX - 7, SessionId::generate().as_str());
        Self { store, caller, victim, secret, own, unknown, others }
    }

    /// Whether an answer names the victim or what is the victim's.
    fn leaks(&self, shown: &str) -> bool {
        let private = [format!("{:?}", self.victim), format!("{:?}", self.secret)];
        private.iter().any(|private| shown.contains(private))
    }
}

/// A conversation of three messages, and one more so that its listing has a second page.
async fn chat(store: &dyn ConversationStore, owner: UserId, session: &str) -> Target {
    let session = SessionId::new(session).unwrap();
    let new = NewConversation::new().with_session(session.clone());
    let chat = store.create(owner, new).await.unwrap().id;
    store.append(owner, chat, turn(3).with_key(key("first"))).await.unwrap();
    store.create(owner, NewConversation::new()).await.unwrap();
    let one = Limit::new(1).unwrap();
    let messages = store.messages(owner, chat, MessageQuery::last(one)).await.unwrap();
    let listing = store.list(owner, ConversationQuery::new(one)).await.unwrap();
    Target {
        chat,
        session,
        in_messages: messages.previous.expect("there are three messages"),
        in_listing: listing.next.expect("there are two conversations"),
    }
}

async fn deleted(store: &dyn ConversationStore, owner: UserId, session: &str) -> Target {
    let target = chat(store, owner, session).await;
    store.delete(owner, target.chat).await.unwrap();
    target
}

fn number(id: i64, session: &str) -> Target {
    let session = SessionId::new(session).unwrap();
    let chat = ConversationId::new(id);
    Target { chat, session, in_messages: made_up(), in_listing: made_up() }
}

/// Well formed, and nobody's.
fn made_up() -> Cursor {
    "A".repeat(34).parse().unwrap()
}

/// Every way in which a store fails a row of the matrix.
async fn violations(fixture: &dyn Fixture) -> Vec<String> {
    let mut violations = Vec::new();
    for row in ROWS {
        let scene = Scene::set(fixture, fixture.store().await).await;
        violations.extend(row_violations(row, &scene).await);
    }
    violations
}

async fn row_violations(row: &Row, scene: &Scene) -> Vec<String> {
    let (store, mut found) = (&*scene.store, Vec::new());
    let before = everything(store, scene.victim).await;
    let unknown = (row.call)(store, scene.caller, &scene.unknown).await.verdict;
    for (kind, target) in &scene.others {
        let answer = (row.call)(store, scene.caller, target).await;
        if answer.verdict != unknown {
            found.push(format!("{}, {kind}: {} not {unknown}", row.name(), answer.verdict));
        }
        if scene.leaks(&answer.shown) {
            found.push(format!("{}, {kind}: shows the victim's", row.name()));
        }
        if everything(store, scene.victim).await != before {
            found.push(format!("{}, {kind}: changed the victim's", row.name()));
        }
    }
    let own = (row.call)(store, scene.caller, &scene.own).await.verdict;
    // What is the caller's own is told apart; otherwise the row would test nothing.
    let by_cursor_of_the_other_kind = own.contains("cursor") && row.how.contains("cursor");
    let named = unknown == "ok" || own != unknown || by_cursor_of_the_other_kind;
    if !named || everything(store, scene.victim).await != before {
        found.push(format!("{}, own: {own}", row.name()));
    }
    found
}

#[tokio::test]
async fn what_is_not_the_callers_is_told_apart_by_nothing() {
    for (name, fixture) in fixtures().await {
        assert_eq!(violations(&*fixture).await, Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn every_forgotten_owner_check_fails_the_matrix() {
    let forgotten = flaws().into_iter().filter(|(flaw, ..)| flaw.contains("owners::"));
    let mut missed = Vec::new();
    let mut tried = 0;

    for (flaw, fixture, _) in forgotten {
        tried += 1;
        // A store may be so wrong that even looking at its data fails.
        let found = tokio::spawn(async move { violations(&*fixture()).await }).await;
        if found.is_ok_and(|violations| violations.is_empty()) {
            missed.push(flaw);
        }
    }

    assert!(tried >= 12, "only {tried} stores without an owner check were tried");
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn every_method_of_the_contract_has_a_row() {
    let written = methods(&Source::at("src/store.rs").code());
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.method.to_owned()).collect();

    assert_eq!(rows, written, "give the new method its rows in tests/it/threats/rows.rs");
}

#[test]
fn a_method_without_a_row_is_noticed() {
    let code =
        "pub trait ConversationStore: Debug {\n async fn export(\n &self) -> Conversation;\n}";

    assert_eq!(methods(code), BTreeSet::from(["export".to_owned()]));
}

/// The names of the methods of the contract.
fn methods(code: &str) -> BTreeSet<String> {
    let start = code.find("pub trait ConversationStore:").expect("the contract is there");
    let length = code[start..].find("\n}").expect("the trait ends");
    let methods = code[start..start + length].split("fn ").skip(1);
    methods.filter_map(|method| Some(method.split_once('(')?.0.trim().to_owned())).collect()
}

#[tokio::test]
async fn a_foreign_session_makes_no_difference_to_a_creation() {
    for (name, fixture) in fixtures().await {
        let scene = Scene::set(&*fixture, fixture.store().await).await;
        let session = |target: &Target| NewConversation::new().with_session(target.session.clone());
        let (_, foreign) = &scene.others[0];

        let taken_by_another = scene.store.create(scene.caller, session(foreign)).await.unwrap();
        let fresh = scene.store.create(scene.caller, session(&scene.unknown)).await.unwrap();

        let plain = |chat: &Conversation| (chat.owner, chat.message_count, chat.title.clone());
        assert_eq!(plain(&taken_by_another), plain(&fresh), "{name}");
        assert_ne!(taken_by_another.id, foreign.chat, "{name}");
    }
}
