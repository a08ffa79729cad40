//! Which calls are made, and how a store is asked.

use scrollback::{
    Conflict, ConversationId, ConversationUpdate, Error, Limit, MessageQuery, NewMessage, Turn,
    TurnKey, UserId, Version,
};

use super::spec::{Answer, Call};
use crate::{
    concurrent::{Store, history},
    support::Random,
};

/// Few keys, payloads and counts, so that they meet; and the version that was seen last.
pub(super) fn any_call(random: &mut Random, seen: Option<Version>) -> Call {
    match random.below(100) {
        0 => Call::Delete { expected: None },
        1..3 => Call::Delete { expected: seen },
        3..25 => Call::Last(1 + random.below(5) as u32),
        25..40 => Call::Look,
        40..60 => Call::Update { expected: seen.filter(|_| random.below(4) > 0) },
        _ => {
            let first = random.below(2);
            let messages = (first..=first + random.below(2)).collect();
            let key = (random.below(3) == 0).then(|| random.below(4));
            let expected = (random.below(3) == 0).then(|| random.below(12) as u32);
            Call::Append { messages, key, expected }
        }
    }
}

pub(super) async fn ask(store: &Store, owner: UserId, chat: ConversationId, call: &Call) -> Answer {
    let answer = match call {
        Call::Append { messages, key, expected } => {
            let turn = turn(messages, *key, *expected);
            store.append(owner, chat, turn).await.map(|answer| Answer::Stored {
                first: answer.messages[0].position.get(),
                replayed: answer.replayed,
            })
        }
        Call::Last(limit) => {
            let query = MessageQuery::last(Limit::new(*limit).unwrap());
            store.messages(owner, chat, query).await.map(|page| {
                let (first, messages) = history::run(&page.items).unwrap();
                Answer::Page { first, messages }
            })
        }
        Call::Look => {
            let seen = store.get(owner, chat).await;
            seen.map(|chat| Answer::Seen { count: chat.message_count, version: chat.version() })
        }
        Call::Update { expected } => {
            let mut update = ConversationUpdate::new();
            update.expected_version = *expected;
            store.update(owner, chat, update).await.map(|chat| Answer::Updated(chat.version()))
        }
        Call::Delete { expected } => {
            store.delete(owner, chat, *expected).await.map(|()| Answer::Deleted)
        }
    };
    answer.unwrap_or_else(refusal)
}

fn turn(messages: &[u64], key: Option<u64>, expected: Option<u32>) -> Turn {
    let contents = messages.iter().map(|message| NewMessage::user(message.to_string()));
    let turn = Turn::new(contents).unwrap();
    let turn = match key {
        Some(key) => turn.with_key(TurnKey::new(key.to_string()).unwrap()),
        None => turn,
    };
    expected.map_or(turn.clone(), |expected| turn.with_expected_count(expected))
}

fn refusal(error: Error) -> Answer {
    match error {
        Error::NotFound => Answer::NotFound,
        Error::Conflict(Conflict::KeyReused) => Answer::KeyReused,
        Error::Conflict(Conflict::Moved) => Answer::Moved,
        Error::Conflict(Conflict::Changed) => Answer::Changed,
        error => panic!("{error}"),
    }
}
