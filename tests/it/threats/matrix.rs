//! T1, T2, T4, T7, T10, T18: every method with every kind of id that is not the caller's.

use std::sync::Arc;

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Cursor, Limit, MessageQuery,
    NewConversation, SessionId, UserId, conformance::Fixture,
};
use scrollback_proof::{self as proof, T1, T2, T4, T7, T10, T18, Trial};

use super::{
    everything, fixtures,
    rows::{Answer, ROWS, Row, Target, key, other, turn},
};

/// A caller, somebody else, and things by which the caller may call.
pub(super) struct Scene {
    /// The caller's way, which is what is tried.
    pub(super) store: Arc<dyn ConversationStore>,
    /// Another way to the same data, to look at it.
    pub(super) watcher: Arc<dyn ConversationStore>,
    pub(super) caller: UserId,
    pub(super) victim: UserId,
    pub(super) own: Target,
    /// What never was; the answer for it is the answer for everything else.
    pub(super) unknown: Target,
    /// The first is foreign.
    pub(super) others: Vec<(&'static str, Target)>,
}

impl Scene {
    /// The caller comes by `store`, which has the data of `fixture`.
    pub(super) async fn set(fixture: &dyn Fixture, store: Arc<dyn ConversationStore>) -> Self {
        let (caller, victim) = (fixture.owner().await, fixture.owner().await);
        let watcher = fixture.store().await;
        let own = chat(&*watcher, caller, "mine").await;
        let foreign = chat(&*watcher, victim, "private").await;
        let mut deleted_own = deleted(&*watcher, caller, "closed").await;
        // The cursor of what is the caller's own tells the caller nothing, whatever it answers.
        deleted_own.in_messages = made_up();
        (deleted_own.in_listing, deleted_own.back_in_listing) = (made_up(), made_up());
        let deleted_foreign = deleted(&*watcher, victim, "shredded").await;
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
        Self { store, watcher, caller, victim, own, unknown, others }
    }

    /// What the victim would miss.
    pub(super) fn secret(&self) -> ConversationId {
        self.others[0].1.chat
    }

    /// Whether an answer names the victim or what is the victim's.
    fn leaks(&self, shown: &str) -> bool {
        let private = [format!("{:?}", self.victim), format!("{:?}", self.secret())];
        private.iter().any(|private| shown.contains(private))
    }
}

/// A conversation of three messages, and two more so that its listing has a second page.
async fn chat(store: &dyn ConversationStore, owner: UserId, session: &str) -> Target {
    // Names that nobody else has: a store that shares them is to be noticed by the calls alone.
    let session = SessionId::new(format!("{session} {}", owner.get())).unwrap();
    let new = NewConversation::new().with_session(session.clone());
    let chat = store.create(owner, new).await.unwrap().id;
    store.append(owner, chat, turn(3).with_key(key(session.as_str()))).await.unwrap();
    store.create(owner, NewConversation::new()).await.unwrap();
    let one = Limit::new(1).unwrap();
    let messages = store.messages(owner, chat, MessageQuery::last(one)).await.unwrap();
    let listing = store.list(owner, ConversationQuery::new(one)).await.unwrap();
    let in_listing = listing.next.expect("there are two conversations");
    let second = store.list(owner, ConversationQuery::new(one).at(in_listing)).await.unwrap();
    let version = store.get(owner, chat).await.unwrap().version();
    Target {
        chat,
        session,
        version,
        in_messages: messages.previous.expect("there are three messages"),
        in_listing,
        back_in_listing: second.previous.expect("this is the second page"),
    }
}

async fn deleted(store: &dyn ConversationStore, owner: UserId, session: &str) -> Target {
    let target = chat(store, owner, session).await;
    store.delete(owner, target.chat, None).await.unwrap();
    target
}

fn number(id: i64, session: &str) -> Target {
    let session = SessionId::new(session).unwrap();
    let chat = ConversationId::new(id);
    let (in_messages, in_listing, back_in_listing) = (made_up(), made_up(), made_up());
    Target { chat, session, version: other(), in_messages, in_listing, back_in_listing }
}

/// Well formed, and nobody's.
fn made_up() -> Cursor {
    "A".repeat(34).parse().unwrap()
}

/// How a cell goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    ToldApart,
    Shown,
    Changed,
    /// What is the caller's own is answered like what is not: the cell would test nothing.
    OwnIsUnknown,
}

/// What was tried, and what went wrong.
#[derive(Default)]
pub(super) struct Findings {
    cells: Vec<&'static Row>,
    pub(super) faults: Vec<(&'static Row, Fault, String)>,
}

impl Findings {
    /// Every row on a scene of its own.
    pub(super) async fn of(fixture: &dyn Fixture) -> Self {
        let mut findings = Self::default();
        for row in ROWS {
            let scene = Scene::set(fixture, fixture.store().await).await;
            findings.add(row, &scene).await;
        }
        findings
    }

    pub(super) async fn add(&mut self, row: &'static Row, scene: &Scene) {
        let (store, mut found) = (&*scene.store, Vec::new());
        let before = everything(&*scene.watcher, scene.victim).await;
        let unknown = (row.call)(store, scene.caller, &scene.unknown).await.verdict;
        for (kind, target) in &scene.others {
            let answer = (row.call)(store, scene.caller, target).await;
            if answer.verdict != unknown {
                found.push((Fault::ToldApart, format!("{kind}: {} not {unknown}", answer.verdict)));
            }
            if scene.leaks(&answer.shown) {
                found.push((Fault::Shown, (*kind).to_owned()));
            }
            if everything(&*scene.watcher, scene.victim).await != before {
                found.push((Fault::Changed, (*kind).to_owned()));
            }
        }
        let Answer { verdict: own, shown } = (row.call)(store, scene.caller, &scene.own).await;
        if scene.leaks(&shown) {
            found.push((Fault::Shown, "own".to_owned()));
        }
        let by_cursor_of_the_other_kind = own.contains("cursor") && row.how.contains("cursor");
        let named = unknown == "ok" || own != unknown || by_cursor_of_the_other_kind;
        if !named {
            found.push((Fault::OwnIsUnknown, own));
        }
        if everything(&*scene.watcher, scene.victim).await != before {
            found.push((Fault::Changed, "own".to_owned()));
        }
        self.cells.extend((0..=scene.others.len()).map(|_| row));
        self.faults.extend(
            found
                .into_iter()
                .map(|(fault, text)| (row, fault, format!("{} {}, {text}", row.method, row.how))),
        );
    }

    /// How often this went wrong in the cells of a threat.
    pub(super) fn count(&self, threat: proof::Row, fault: Fault) -> usize {
        let counts =
            |(row, found, _): &&(&Row, Fault, String)| row.is_for(threat) && *found == fault;
        self.faults.iter().filter(counts).count()
    }

    pub(super) fn record(&self, threat: proof::Row, what: &str) {
        let cells = self.cells.iter().filter(|row| row.is_for(threat)).count();
        Trial::of(threat, what)
            .times(cells)
            .wrong("told apart from what is unknown", self.count(threat, Fault::ToldApart))
            .wrong("showed what is the victim's", self.count(threat, Fault::Shown))
            .wrong("changed what is the victim's", self.count(threat, Fault::Changed))
            .wrong("blind", self.count(threat, Fault::OwnIsUnknown))
            .record();
    }
}

#[tokio::test]
async fn what_is_not_the_callers_is_told_apart_by_nothing() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures().await {
        let findings = Findings::of(&*fixture).await;
        for threat in [T1, T2, T4, T7, T18] {
            findings.record(threat, &format!("cells of the ownership matrix, {name}"));
        }
        findings.record(T10, &format!("answers compared byte for byte, Display and Debug, {name}"));
        wrong.extend(findings.faults.into_iter().map(|(_, fault, text)| (name, fault, text)));
    }

    assert_eq!(wrong, []);
}
