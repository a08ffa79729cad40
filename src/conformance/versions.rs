//! Every change makes a later version, and what expects another changes nothing.

use crate::{
    conformance::{
        Fixture,
        support::{RACERS, User, assert_conflict, at_once, insist, key, turn},
    },
    conversation_update::ConversationUpdate,
    error::{Conflict, Error, Result},
    id::ConversationId,
    version::Version,
};

/// Contract 3: every change, by whomever and however soon after another, makes a later version.
pub async fn every_change_makes_a_later_version(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let there = ann.elsewhere(fixture).await;
    let chat = ann.create().await;
    let mut versions = vec![chat.version()];

    for user in [&ann, &there, &ann, &there] {
        for update in [ConversationUpdate::new(), rename("Again")] {
            let answer = user.store.update(user.id, chat.id, update).await.unwrap();
            assert_eq!(ann.get(chat.id).await.version(), answer.version(), "read back differently");
            versions.push(answer.version());
        }
        user.append(chat.id, turn(2)).await;
        versions.push(there.get(chat.id).await.version());
    }

    assert!(versions.is_sorted_by(|one, next| one < next), "not each later: {versions:?}");
}

/// Contract 3: what changes nothing keeps the version.
pub async fn what_changes_nothing_keeps_the_version(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let keyed = turn(1).with_key(key("once"));
    ann.append(chat, keyed.clone()).await;
    let version = ann.get(chat).await.version();

    ann.append(chat, keyed).await;
    let refused = [turn(2).with_key(key("once")), turn(1).with_expected_count(9)];
    for turn in refused {
        assert!(ann.store.append(ann.id, chat, turn).await.is_err(), "it was accepted");
    }
    ann.read(chat).await;

    assert_eq!(ann.get(chat).await.version(), version);
}

/// Contract 2: an update that expects the version as it is applies, one after the other.
pub async fn the_expected_version_is_changed(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let mut chat = ann.chat(1).await;

    for title in ["One", "Two", "Two", "Three"] {
        let update = rename(title).with_expected_version(chat.version());
        chat = ann.store.update(ann.id, chat.id, update).await.expect("its version was refused");
        assert_eq!(chat.title.as_deref(), Some(title));
    }

    assert!(ann.get(chat.id).await == chat, "read back differently");
}

/// Contract 2: an update that expects another version, earlier or later, changes nothing.
pub async fn another_version_is_not_changed(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let (id, others) = moved_on(&ann).await;
    let before = ann.everything().await;

    for version in others {
        let update = rename("Too late").with_archived(true).with_expected_version(version);
        let answer = ann.store.update(ann.id, id, update).await;
        assert_conflict(answer, Conflict::Changed, "another version");
    }

    assert!(ann.everything().await == before, "a refused update left a trace");
}

/// Contract 2: a deletion that expects the version as it is takes the conversation.
pub async fn the_expected_version_is_deleted(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(2).await;

    let answer = ann.store.delete(ann.id, chat.id, Some(chat.version())).await;

    assert!(answer.is_ok(), "its version was refused: {answer:?}");
    assert!(ann.everything().await.is_empty(), "a deleted conversation is listed");
}

/// Contract 2: a deletion that expects another version, earlier or later, deletes nothing.
pub async fn another_version_is_not_deleted(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let (id, others) = moved_on(&ann).await;
    let before = ann.everything().await;

    for version in others {
        let answer = ann.store.delete(ann.id, id, Some(version)).await;
        assert_conflict(answer, Conflict::Changed, "another version");
    }

    assert!(ann.everything().await == before, "a refused deletion left a trace");
}

/// Contract 2: of many updates that expect the same version, one applies.
pub async fn one_of_many_expecting_updates_applies(fixture: &dyn Fixture) {
    let (ann, chat, version) = raced_for(fixture).await;

    let answers = at_once((0..RACERS).map(|racer| {
        let ann = ann.clone();
        async move { update(&ann, chat, racer, version).await }
    }))
    .await;

    let found = ann.get(chat).await.title;
    let winners = (0..RACERS).filter(|racer| answers[*racer].is_ok()).collect::<Vec<_>>();
    assert_eq!(winners.len(), 1, "updates that expected the same version and applied");
    assert_eq!(found.as_deref(), Some(&*winners[0].to_string()), "not what the winner wrote");
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_conflict(answer, Conflict::Changed, "a version that another has changed");
    }
}

/// Contract 2: of updates and deletions that expect the same version, one applies.
pub async fn one_of_many_expecting_changes_applies(fixture: &dyn Fixture) {
    for round in 0..6 {
        let (ann, chat, version) = raced_for(fixture).await;

        let answers = at_once((0..RACERS).map(|racer| {
            let ann = ann.clone();
            async move {
                // Whoever happens to be first, it is an update in one round and a deletion in the next.
                match (racer + round) % 2 {
                    0 => update(&ann, chat, racer, version).await,
                    _ => insist(|| ann.store.delete(ann.id, chat, Some(version))).await,
                }
            }
        }))
        .await;

        let applied = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(applied, 1, "changes that expected the same version and applied");
        for error in answers.into_iter().filter_map(Result::err) {
            let told = matches!(error, Error::NotFound | Error::Conflict(Conflict::Changed));
            assert!(told, "answered {error:?}");
        }
    }
}

/// A conversation that was changed, and versions that it is not of.
async fn moved_on(user: &User) -> (ConversationId, Vec<Version>) {
    let (other, created) = (user.create().await, user.create().await);
    user.append(created.id, turn(2)).await;
    let appended = user.get(created.id).await;
    let change = async |id| user.store.update(user.id, id, rename("New")).await.unwrap();
    change(created.id).await;
    // Twice, so that it is later even if the clock stands.
    change(other.id).await;
    let later = change(other.id).await;
    // The first and the last that are read from a text: no database may fail over them.
    let ends = ["0", "71f0ba397ed1dfff"].map(|text| text.parse().unwrap());
    let others = [created.version(), appended.version(), later.version()];
    (created.id, others.into_iter().chain(ends).collect())
}

async fn raced_for(fixture: &dyn Fixture) -> (User, ConversationId, Version) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(1).await;
    (ann, chat.id, chat.version())
}

async fn update(user: &User, chat: ConversationId, racer: usize, version: Version) -> Result<()> {
    let update = rename(&racer.to_string()).with_expected_version(version);
    insist(|| user.store.update(user.id, chat, update.clone())).await.map(drop)
}

fn rename(title: &str) -> ConversationUpdate {
    ConversationUpdate::new().with_title(title).unwrap()
}
