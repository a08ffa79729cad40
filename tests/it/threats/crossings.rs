//! T4, T18: one's own conversation with a cursor or a key from another, and the other way round.

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Limit, MessageQuery, NewConversation,
    SessionId, conformance::Fixture,
};
use scrollback_proof::{T4, T18, Trial, control};

use super::{
    everything, fixtures,
    matrix::Scene,
    rows::{Target, key, turn, used},
};

use crate::broken::flaws;

/// A scene in which the caller has a second conversation.
async fn scene(fixture: &dyn Fixture) -> (Scene, Target) {
    let scene = Scene::set(fixture, fixture.store().await).await;
    let (store, caller) = (&*scene.watcher, scene.caller);
    let session = SessionId::new("second").unwrap();
    let new = NewConversation::new().with_session(session.clone());
    let chat = store.create(caller, new).await.unwrap().id;
    store.append(caller, chat, turn(3).with_key(key("second"))).await.unwrap();
    let one = Limit::new(1).unwrap();
    let page = store.messages(caller, chat, MessageQuery::last(one)).await.unwrap();
    let Target { in_listing, back_in_listing, .. } = scene.own;
    let in_messages = page.previous.expect("there are three messages");
    let version = store.get(caller, chat).await.unwrap().version();
    (scene, Target { chat, session, version, in_messages, in_listing, back_in_listing })
}

/// Every conversation with the cursor of every other: none may lead anywhere, nor differ from a
/// cursor that nobody was given.
async fn by_cursor(fixture: &dyn Fixture) -> (usize, Vec<String>) {
    let (scene, second) = scene(fixture).await;
    let (store, caller) = (&*scene.store, scene.caller);
    let mut things =
        vec![("own", &scene.own), ("second own", &second), ("unknown", &scene.unknown)];
    things.extend(scene.others.iter().map(|(kind, target)| (*kind, target)));
    let made_up = scene.unknown.in_messages;
    let (mut tried, mut wrong) = (0, Vec::new());
    for (kind, at) in &things {
        for (of, other) in &things {
            let own = std::ptr::eq(*at, *other);
            let cursors = [other.in_messages, other.in_listing, other.back_in_listing];
            for cursor in cursors.into_iter().skip(usize::from(own)) {
                let ask =
                    |cursor| store.messages(caller, at.chat, MessageQuery::at(cursor, Limit::MAX));
                let (answer, refused) = (ask(cursor).await, ask(made_up).await);
                tried += 1;
                if answer.is_ok() || format!("{answer:?}") != format!("{refused:?}") {
                    wrong.push(format!("{kind} by the cursor of {of}: {answer:?}"));
                }
            }
        }
    }
    let foreign = &scene.others[0].1;
    for cursor in
        [foreign.in_messages, foreign.in_listing, foreign.back_in_listing, second.in_messages]
    {
        let answer = store.list(caller, ConversationQuery::default().at(cursor)).await;
        tried += 1;
        wrong.extend(answer.is_ok().then(|| format!("a listing by a foreign cursor: {answer:?}")));
    }
    (tried, wrong)
}

/// A key is used again in every conversation that is not its own: it must be as good as new.
async fn by_key(fixture: &dyn Fixture) -> (usize, Vec<String>) {
    let (scene, second) = scene(fixture).await;
    let (store, caller) = (&*scene.store, scene.caller);
    let before = everything(&*scene.watcher, scene.victim).await;
    let strangers = key("the victim's alone");
    let secret = turn(2).with_key(strangers.clone());
    scene.watcher.append(scene.victim, scene.secret(), secret.clone()).await.unwrap();
    let (mut tried, mut wrong) = (0, Vec::new());
    let mut cross = async |kind: &str, chat: ConversationId, turn: scrollback::Turn| {
        let size = turn.messages().len();
        let fresh = match store.append(caller, chat, turn).await {
            Ok(answer) => {
                let own = answer.messages.iter().all(|message| message.conversation == chat);
                !answer.replayed && own && answer.messages.len() == size
            }
            Err(_) => false,
        };
        tried += 1;
        wrong.extend((!fresh).then(|| kind.to_owned()));
    };
    cross("a key of the other own, same turn", second.chat, turn(3).with_key(used(&scene.own)))
        .await;
    cross("a key of the other own, another turn", scene.own.chat, turn(1).with_key(key("second")))
        .await;
    cross("a key of the victim's, same turn", scene.own.chat, secret).await;
    cross("a key of the victim's, another turn", second.chat, turn(1).with_key(strangers.clone()))
        .await;
    for chat in [scene.secret(), scene.unknown.chat] {
        let answer = store.append(caller, chat, turn(2).with_key(strangers.clone())).await;
        tried += 1;
        let hidden = matches!(answer, Err(scrollback::Error::NotFound));
        wrong.extend((!hidden).then(|| format!("the victim's own: {answer:?}")));
    }
    let after = everything(&*scene.watcher, scene.victim).await;
    let others = |all: &[(scrollback::Conversation, Vec<scrollback::Message>)]| {
        all.iter().map(|(_, messages)| messages.len()).sum::<usize>()
    };
    tried += 1;
    wrong.extend((others(&after) != others(&before) + 2).then(|| "the victim's grew".to_owned()));
    (tried, wrong)
}

#[tokio::test]
async fn a_cursor_leads_nowhere_but_where_it_was_given() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (tried, wrong) = by_cursor(&*fixture).await;
        Trial::of(T4, format!("conversations asked for by cursors of others, {name}"))
            .times(tried)
            .wrong("answered, or told apart", wrong.len())
            .record();
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
}

#[tokio::test]
async fn a_key_means_nothing_elsewhere() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (tried, wrong) = by_key(&*fixture).await;
        Trial::of(T18, format!("keys used again in another conversation, {name}"))
            .times(tried)
            .wrong("replayed, refused or told apart", wrong.len())
            .record();
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
}

fn flawed(name: &str) -> std::sync::Arc<dyn Fixture> {
    let (_, fixture, _) = flaws().into_iter().find(|(flaw, ..)| flaw.contains(name)).unwrap();
    fixture()
}

#[tokio::test]
async fn shared_cursors_and_shared_keys_are_noticed() {
    let mut missed = Vec::new();
    for flaw in
        ["cursors::RestartsMessages", "cursors::SharesMessageCursors", "cursors::RestartsListing"]
    {
        let (_, wrong) = by_cursor(&*flawed(flaw)).await;
        let caught = !wrong.is_empty();
        control(
            T4,
            &format!("a store that forgets what a cursor was for: {flaw}"),
            usize::from(caught),
            1,
        );
        missed.extend((!caught).then_some(flaw));
    }
    for flaw in [
        "keys::SharesKeysAmongConversations",
        "keys::SharesKeysAmongOwners",
        "owners::ReplaysToAnyone",
    ] {
        let (_, wrong) = by_key(&*flawed(flaw)).await;
        let caught = !wrong.is_empty();
        control(
            T18,
            &format!("a store that forgets what a key was for: {flaw}"),
            usize::from(caught),
            1,
        );
        missed.extend((!caught).then_some(flaw));
    }

    assert_eq!(missed, [""; 0]);
}
