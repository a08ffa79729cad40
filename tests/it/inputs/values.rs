//! Inputs that never reach a store: what the types accept must be what the limits say.

use std::collections::BTreeMap;

use scrollback::{
    ConversationId, ConversationUpdate, Cursor, Error, Limit, Metadata, NewConversation,
    NewMessage, Position, Result, Role, SessionId, Turn, TurnKey, Version, limit,
};
use serde_json::{Value, json};

use super::{report::Outcome, rng::Rng};

const CLASSES: [fn(&mut Rng) -> Outcome; 12] = [
    content,
    turn_size,
    title,
    session,
    turn_key,
    metadata,
    metadata_text,
    serialised,
    number,
    names,
    version,
    cursor,
];

/// One random case of a random class.
pub(super) fn case(rng: &mut Rng) -> Outcome {
    rng.pick(&CLASSES)(rng)
}

/// `accepted`, or the error's text.
fn verdict<T>(answer: &Result<T>) -> String {
    match answer {
        Ok(_) => "accepted".to_owned(),
        Err(error @ Error::InvalidInput { .. }) => error.to_string(),
        Err(error) => format!("WRONG KIND {error:?}"),
    }
}

/// The limits of a text, written down a second time.
fn is_good(text: &str, max: usize) -> bool {
    !text.is_empty() && text.len() <= max && !text.bytes().any(|byte| byte == 0)
}

fn outcome<T>(class: &'static str, answer: &Result<T>, expected: bool, same: bool) -> Outcome {
    let verdict = verdict(answer);
    let fault = (answer.is_ok() != expected || !same || verdict.starts_with("WRONG"))
        .then(|| format!("{verdict}, expected: {expected}, reads back: {same}"));
    Outcome { class, verdict, fault }
}

fn content(rng: &mut Rng) -> Outcome {
    let text = rng.text(limit::MAX_CONTENT_BYTES);
    let turn = Turn::new([NewMessage::new(rng.role(), text.as_str())]);
    let same = turn.as_ref().map_or(true, |turn| *turn.messages()[0].content == *text);
    outcome("content", &turn, is_good(&text, limit::MAX_CONTENT_BYTES), same)
}

fn turn_size(rng: &mut Rng) -> Outcome {
    let n = if rng.once_in(2) { rng.below(300) } else { rng.pick(&[0, 1, 255, 256, 257]) };
    let turn = Turn::new((0..n).map(|n| NewMessage::user(n.to_string())));
    let same = turn.as_ref().map_or(true, |turn| turn.messages().len() == n);
    outcome("turn", &turn, (1..=256).contains(&n), same)
}

fn title(rng: &mut Rng) -> Outcome {
    let text = rng.text(limit::MAX_TITLE_BYTES);
    let new = NewConversation::new().with_title(text.as_str());
    let update = ConversationUpdate::new().with_title(text.as_str());
    outcome(
        "title",
        &new,
        is_good(&text, limit::MAX_TITLE_BYTES),
        verdict(&new) == verdict(&update),
    )
}

fn session(rng: &mut Rng) -> Outcome {
    let text = rng.text(limit::MAX_KEY_BYTES);
    let session = SessionId::new(text.as_str());
    let read: Result<SessionId, _> = serde_json::from_value(json!(text));
    let same = session.as_ref().ok() == read.as_ref().ok()
        && session.as_ref().map_or(true, |session| session.as_str() == text)
        && verdict(&text.parse::<SessionId>()) == verdict(&session);
    outcome("session id", &session, is_good(&text, limit::MAX_KEY_BYTES), same)
}

fn turn_key(rng: &mut Rng) -> Outcome {
    let text = rng.text(limit::MAX_KEY_BYTES);
    let key = TurnKey::new(text.as_str());
    let read: Result<TurnKey, _> = serde_json::from_value(json!(text));
    let same = key.as_ref().ok() == read.as_ref().ok()
        && key.as_ref().map_or(true, |key| key.as_str() == text);
    outcome("turn key", &key, is_good(&text, limit::MAX_KEY_BYTES), same)
}

fn metadata(rng: &mut Rng) -> Outcome {
    let value = rng.json();
    let json = value.to_string();
    let good = value.is_object()
        && levels(&value) <= limit::MAX_METADATA_DEPTH
        && json.len() <= limit::MAX_METADATA_BYTES
        && !holds_nul(&value);
    let metadata = Metadata::new(value);
    let same =
        metadata.as_ref().map_or(true, |metadata| metadata.as_json() == json && keeps(metadata));
    outcome("metadata", &metadata, good, same)
}

/// Whether metadata survives being sent to a client and back.
fn keeps(metadata: &Metadata) -> bool {
    let sent = serde_json::to_string(metadata).unwrap_or_default();
    let back = serde_json::from_str::<Metadata>(&sent);
    sent == metadata.as_json() && back.is_ok_and(|back| back == *metadata)
}

fn levels(value: &Value) -> usize {
    let deepest = |children: &mut dyn Iterator<Item = &Value>| children.map(levels).max();
    match value {
        Value::Array(items) => 1 + deepest(&mut items.iter()).unwrap_or(0),
        Value::Object(fields) => 1 + deepest(&mut fields.values()).unwrap_or(0),
        _ => 0,
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(key, it)| key.contains('\0') || holds_nul(it)),
        _ => false,
    }
}

/// JSON as a client writes it, well or badly.
fn metadata_text(rng: &mut Rng) -> Outcome {
    const TEXTS: [&str; 14] = [
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\udc00\ud800"}"#,
        r#"{"a":"\ud83d\ude00"}"#,
        r#"{"\u0000":1}"#,
        r#"{"a":"\u0000"}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":1e999}"#,
        r#"{"a":-0.0}"#,
        r#"{"a":18446744073709551616}"#,
        r#"{"a":NaN}"#,
        r#"{"a":1"#,
        "",
        "null",
        "{} {}",
    ];
    let text = match rng.below(3) {
        0 => rng.pick(&TEXTS).to_owned(),
        1 => rng.json().to_string(),
        _ => ["{\"k\":".repeat(rng.below(300)), rng.text(40)].concat(),
    };
    let value = serde_json::from_str::<Value>(&text);
    let expected = value.is_ok_and(|value| Metadata::new(value).is_ok());
    let read = serde_json::from_str::<Metadata>(&text);
    let same = read.as_ref().map_or(true, keeps);
    let read = read.map_err(|_| Error::invalid("metadata", "was refused by its deserialiser"));
    outcome("metadata as text", &read, expected, same)
}

/// Values of the host's that are turned into JSON.
fn serialised(rng: &mut Rng) -> Outcome {
    let float = rng.float();
    let (metadata, expected) = match rng.below(4) {
        0 => (Metadata::from_serialize(&BTreeMap::from([("f", float)])), true),
        1 => (Metadata::from_serialize(&BTreeMap::from([(rng.id(), ())])), true),
        2 => (Metadata::from_serialize(&BTreeMap::from([("big", u128::MAX)])), false),
        _ => (Metadata::from_serialize(&BTreeMap::from([((1, 2), 3)])), false),
    };
    let same = metadata.as_ref().map_or(true, keeps);
    outcome("metadata from a value", &metadata, expected, same)
}

fn number(rng: &mut Rng) -> Outcome {
    let n = rng.u32();
    let limit = Limit::new(n);
    let read = serde_json::from_value::<Limit>(json!(n));
    let position = serde_json::from_value::<Position>(json!(n)).ok();
    let same = limit.as_ref().ok() == read.as_ref().ok() && position == Position::new(n);
    outcome("limit and position", &limit, (1..=1000).contains(&n), same)
}

fn names(rng: &mut Rng) -> Outcome {
    let text = if rng.once_in(2) { rng.id().to_string() } else { rng.text(30) };
    let id = text.parse::<ConversationId>();
    let role = text.parse::<Role>();
    let same = id.as_ref().map_or(true, |id| Ok(id.get()) == text.parse())
        && role.map_or(true, |role| role.as_str() == text);
    outcome("conversation id", &id, text.parse::<i64>().is_ok(), same)
}

fn version(rng: &mut Rng) -> Outcome {
    let text = rng.version();
    let version = text.parse::<Version>();
    let same = version.as_ref().map_or(true, |version| version.to_string() == text);
    // Microseconds until the end of the year 262142, in the one way to write them.
    let micros = u64::from_str_radix(&text, 16).ok();
    let micros = micros.filter(|micros| *micros <= 0x71f0_ba39_7ed1_dfff);
    let expected = micros.is_some_and(|micros| format!("{micros:x}") == text);
    outcome("version", &version, expected, same)
}

fn cursor(rng: &mut Rng) -> Outcome {
    let mut text = match rng.below(3) {
        0 => rng.text(60),
        _ => rng.cursor().to_string(),
    };
    if rng.once_in(2) && text.is_ascii() {
        text.truncate(rng.below(40));
        text.push_str(rng.pick(&["", "=", "A", "-_", "+/", "\n"]));
    }
    let cursor = text.parse::<Cursor>();
    // What is accepted has one spelling.
    let same = cursor.as_ref().map_or(true, |cursor| cursor.to_string() == text);
    let shaped =
        text.len() == 34 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let expected = cursor.is_ok() && shaped;
    outcome("cursor", &cursor, expected, same)
}
