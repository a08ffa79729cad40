//! What is stored in the end, against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use scrollback::UserId;
use serde_json::Value;

use super::{bot::reply_to, caller::Caller, talks::Talks};
use crate::http::served::{Served, by, request};

/// What is wrong, in all that these users have.
pub(super) async fn faults(served: &Served, users: &[UserId], callers: &[Caller]) -> Vec<String> {
    let mut faults = Vec::new();
    for user in users {
        let theirs = callers.iter().filter(|caller| caller.user == *user);
        let theirs: Vec<_> = theirs.map(|caller| &caller.talks).collect();
        let export = request(&Method::GET, "/api/me/export", &[by(*user)], "");
        let export = served.ask(export).await.unwrap().text();
        faults.extend(compare(&stored(&export), &theirs));
    }
    faults
}

/// The contents of every chat, in order of position.
fn stored(export: &str) -> BTreeMap<String, Vec<String>> {
    let (mut sessions, mut chats) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        if let Some(chat) = line.get("conversation") {
            sessions.insert(text(&chat["id"]), text(&chat["session_id"]));
            chats.insert(text(&chat["session_id"]), Vec::new());
        } else if let Some(message) = line.get("message") {
            let session = &sessions[&text(&message["conversation_id"])];
            let chat = chats.get_mut(session).unwrap();
            assert_eq!(message["position"], chat.len() + 1, "{line}");
            chat.push(text(&message["content"]));
        } else {
            assert!(line.get("end").is_some(), "{line}");
        }
    }
    chats
}

/// All that one user's clients have said, against what the user has.
pub(super) fn compare(stored: &BTreeMap<String, Vec<String>>, clients: &[&Talks]) -> Vec<String> {
    let own = || clients.iter().flat_map(|talks| &talks.own);
    let shared = clients.iter().map(|talks| &talks.shared);
    let started: BTreeSet<_> = shared.chain(own()).map(|talk| &talk.session).collect();
    if started != stored.keys().collect() {
        return vec![format!("started were {started:?}, stored are {:?}", stored.keys())];
    }
    let mut faults = Vec::new();
    for talk in own() {
        let stored = &stored[&talk.session];
        if talk.told() != *stored {
            faults.push(format!("told was {:?}, stored is {stored:?}", talk.told()));
        }
    }
    if let Some(talks) = clients.first() {
        faults.extend(compare_shared(&stored[&talks.shared.session], clients));
    }
    faults
}

/// What each has said stands in its order, every reply once and after what it answers, and nothing else.
fn compare_shared(stored: &[String], clients: &[&Talks]) -> Vec<String> {
    let mut left = stored.to_vec();
    for talks in clients {
        let mut from = 0;
        for said in &talks.shared.said {
            let Some(at) = left[from..].iter().position(|text| text == said) else {
                return vec![format!("{said} is not in its place in {stored:?}")];
            };
            from += at;
            left.remove(from);
            let reply = reply_to(said);
            let Some(at) = left[from..].iter().position(|text| *text == reply) else {
                return vec![format!("the reply to {said} is not in its place in {stored:?}")];
            };
            left.remove(from + at);
        }
    }
    left.iter().map(|text| format!("nobody has said {text}")).collect()
}
