//! T9, T12: hostile texts are bound, stored and returned as they are, and mean nothing.

use std::collections::BTreeSet;

use scrollback::{
    ConversationStore, ConversationUpdate, Error, Limit, MessageQuery, Metadata, NewConversation,
    NewMessage, SessionId, Turn, TurnKey, UserId,
};
use scrollback_proof::{T9, T12, Trial, control};
use sea_orm::{Statement, Value};
use serde_json::json;

use super::{
    corpus::HOSTILE,
    everything, fixtures,
    tampered::{Tampered, databases},
};
use crate::{
    database::{OnPostgres, OnSqlite},
    model::broken::{Broken, Defect},
};

/// Puts every text wherever text goes; how many places were looked at, and where it came back changed.
async fn changed(store: &dyn ConversationStore, owner: UserId) -> (usize, Vec<String>) {
    let (mut looked, mut changed) = (0, Vec::new());
    for text in HOSTILE {
        match used_everywhere(store, owner, text).await {
            Ok((places, wrong)) => {
                looked += places;
                changed.extend(wrong.iter().map(|place| format!("{text:?} {place}")));
            }
            Err(error) => changed.push(format!("{text:?} is refused: {error}")),
        }
    }
    (looked, changed)
}

async fn used_everywhere(
    store: &dyn ConversationStore,
    owner: UserId,
    text: &str,
) -> scrollback::Result<(usize, Vec<&'static str>)> {
    let (session, key) = (SessionId::new(text)?, TurnKey::new(text)?);
    let unused = matches!(store.find_session(owner, &session).await, Err(Error::NotFound));
    let metadata = Metadata::new(json!({ text: text, "in": [text, { text: [text] }] }))?;
    let new = NewConversation::new().with_session(session.clone()).with_title(text)?;
    let chat = store.create(owner, new.with_metadata(metadata.clone())).await?;
    let message = NewMessage::user(text).with_metadata(metadata.clone());
    let turn = Turn::new([message.clone(), message])?.with_key(key.clone());
    let appended = store.append(owner, chat.id, turn.clone()).await?;
    let replayed = store.append(owner, chat.id, turn).await?.replayed;
    let update = ConversationUpdate::new().with_title(text)?.with_metadata(metadata.clone());
    store.update(owner, chat.id, update).await?;

    let read = store.find_session(owner, &session).await?;
    let messages = store.messages(owner, chat.id, MessageQuery::last(Limit::MAX)).await?.items;
    let same = |m: &scrollback::Message| &*m.content == text && m.key.as_ref() == Some(&key);
    let places = [
        ("is taken for another session", unused),
        ("as a session id", read.id == chat.id && read.session.as_ref() == Some(&session)),
        ("as a title", read.title.as_deref() == Some(text)),
        ("in metadata", read.metadata.as_json() == metadata.as_json()),
        ("in a message's metadata", messages.iter().all(|m| m.metadata == metadata)),
        ("as a content or a key", messages.len() == 2 && messages.iter().all(same)),
        ("as an answer", messages == appended.messages && replayed),
    ];
    let wrong = places.iter().filter(|(_, right)| !right).map(|(place, _)| *place);
    Ok((places.len(), wrong.collect()))
}

#[tokio::test]
async fn hostile_texts_read_back_byte_for_byte_and_harm_nobody() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (store, ann, ben) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let (first, mut wrong) = changed(&*store, ben).await;
        let before = everything(&*store, ben).await;

        let (second, again) = changed(&*store, ann).await;
        wrong.extend(again);

        let harmed = everything(&*store, ben).await != before;
        let lost = everything(&*store, ann).await.len().abs_diff(HOSTILE.len());
        let bytes: usize = HOSTILE.iter().map(|text| text.len()).sum();
        for threat in [T9, T12] {
            Trial::of(
                threat,
                format!("hostile texts in every place for text, of two owners, {name}"),
            )
            .times(first + second)
            .wrong("changed, refused or taken for another", wrong.len())
            .wrong("conversations lost or gained", lost)
            .wrong("changes of somebody else's", usize::from(harmed))
            .figure("bytes of hostile text", bytes)
            .record();
        }
        all.extend(wrong);
        assert!(!harmed && lost == 0, "{name}: {harmed} {lost}");
    }

    assert_eq!(all, [""; 0]);
}

#[tokio::test]
async fn a_store_that_alters_texts_is_noticed() {
    let trims = Broken::new(Defect::ContentIsTrimmed);

    let (_, changed) = changed(&trims, UserId::new(1)).await;

    control(T12, "a store that trims contents", usize::from(!changed.is_empty()), 1);
    assert!(!changed.is_empty());
}

/// The statement with its last text between quotes, as careless code writes it.
fn spliced(statement: Statement) -> Statement {
    let values = statement.values.as_ref().map_or(&[][..], |values| &values.0);
    let text = values.iter().enumerate().rev().find_map(|(at, value)| match value {
        Value::String(Some(text)) => Some((at + 1, text.clone())),
        _ => None,
    });
    // Statements of one text: a session to be looked up, not a turn with its arrays.
    let Some((number, text)) = text.filter(|_| statement.sql.starts_with("SELECT")) else {
        return statement;
    };
    let sign = if statement.sql.contains("?1") { '?' } else { '$' };
    let sql = statement.sql.replace(&format!("{sign}{number}"), &format!("'{text}'"));
    Statement { sql, ..statement }
}

#[tokio::test]
async fn a_statement_with_a_spliced_text_is_noticed() {
    for database in databases().await {
        let store = Tampered::altering(database.connection.clone(), spliced).store();
        let owner = database.fixture.owner().await;

        let harmless = used_everywhere(&*store, owner, "plain").await;
        let (_, broken) = changed(&*store, owner).await;

        let what = format!("a text between quotes instead of a parameter, {}", database.name);
        control(T9, &what, usize::from(!broken.is_empty()), 1);
        assert_eq!(harmless.unwrap().1, [""; 0], "only what is hostile makes the difference");
        assert!(broken.iter().any(|text| text.starts_with("\"'\"")), "{broken:?}");
    }
}

#[tokio::test]
async fn hostile_subjects_are_users_of_their_own() {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let mut wrong = Vec::new();

    for store in [postgres.sql_store(), sqlite.sql_store()] {
        let mut users = BTreeSet::new();
        for subject in HOSTILE {
            let user = store.ensure_user(subject).await.unwrap();
            let again = store.ensure_user(subject).await.unwrap();
            wrong.extend((!users.insert(user) || again != user).then_some(subject));
        }
    }

    Trial::of(T9, "hostile subjects, postgres and sqlite")
        .times(2 * HOSTILE.len())
        .wrong("taken for another subject", wrong.len())
        .record();
    assert_eq!(wrong, [""; 0]);
}
