//! T1, T2, T6 over HTTP: fields of a head that mean something to other servers, and must not here.

use axum::http::Method;
use scrollback_proof::{T1, T2, Trial};

use super::{Stage, path_of, shown};
use crate::http::{
    app::{Seed, as_it_is},
    served::{by, request},
};

/// What proxies and frameworks obey, when they are told to by whoever asks.
const OBEYED_ELSEWHERE: [&str; 28] = [
    "X-HTTP-Method-Override: DELETE",
    "X-HTTP-Method: DELETE",
    "X-Method-Override: DELETE",
    "X-Original-URL: {foreign}",
    "X-Rewrite-URL: {foreign}",
    "X-Forwarded-Path: {foreign}",
    "X-Forwarded-Uri: {foreign}",
    "X-Forwarded-Prefix: //evil.example",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: javascript",
    "X-Forwarded-For: 127.0.0.1",
    "X-Real-IP: 127.0.0.1",
    "Forwarded: for=127.0.0.1;host=evil.example;proto=https",
    "Via: 1.1 evil.example",
    "X-User-Id: {ben}",
    "X-Forwarded-User: {ben}",
    "X-Remote-User: {ben}",
    "Remote-User: {ben}",
    "From: {ben}",
    "Cookie: user_id={ben}; scrollback_user={ben}",
    "Authorization: Basic {ben}",
    "Connection: x-test-user",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13",
    "Range: bytes=0-1",
    "Accept-Encoding: gzip, br",
    "TE: trailers",
    "Max-Forwards: 0",
];

#[tokio::test]
async fn what_other_servers_obey_changes_no_answer() {
    let (tried, wrong) = fields_obeyed_elsewhere(as_it_is).await;

    for threat in [T1, T2] {
        Trial::of(threat, "fields over HTTP that other servers obey")
            .times(tried)
            .wrong("obeyed", wrong.len())
            .record();
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many were sent, and those that were answered in another way than nothing would have been.
pub(super) async fn fields_obeyed_elsewhere(seed: Seed) -> (usize, Vec<String>) {
    let stage = Stage::set(seed).await;
    let (ann, ben) = (stage.scene.app.ann, stage.scene.app.ben.get().to_string());
    let foreign = path_of(&stage.scene.foreign);
    let own = path_of(&stage.scene.own);
    let (mut tried, mut wrong) = (0, Vec::new());
    for (method, path) in [
        (Method::GET, own.clone()),
        (Method::GET, "/api/conversations?limit=1".to_owned()),
        (Method::GET, format!("{own}/messages?limit=1")),
        // Not a request of this path, but of what it may be taken for.
        (Method::POST, own),
    ] {
        let plain = stage.served.ask(request(&method, &path, &[by(ann)], "")).await;
        for field in OBEYED_ELSEWHERE {
            let sent = field.replace("{foreign}", &foreign).replace("{ben}", &ben);
            let answer = stage.served.ask(request(&method, &path, &[by(ann), sent], "")).await;
            tried += 1;
            let damage = stage.damage(answer.as_slice()).await;
            if shown(answer.as_ref()) != shown(plain.as_ref()) || damage.is_some() {
                let answer = shown(answer.as_ref());
                wrong.push(format!("{method} {path} {field}: {damage:?} {answer}"));
            }
        }
    }
    (tried, wrong)
}

/// How a page of another site could look like one of the server's own, were its word taken.
const OTHER_SITES: [&str; 20] = [
    "Host: chat.example\r\nOrigin: https://evil.example",
    "Host: chat.example\r\nOrigin: https://evil.example\r\nX-Forwarded-Host: evil.example",
    "Host: chat.example\r\nOrigin: https://evil.example\r\nForwarded: host=evil.example",
    "Host: chat.example\r\nOrigin: https://chat.example.evil.example",
    "Host: chat.example\r\nOrigin: https://evil.example/chat.example",
    "Host: chat.example\r\nOrigin: https://chat.example@evil.example",
    "Host: chat.example\r\nOrigin: https://chat.example#.evil.example",
    "Host: chat.example\r\nOrigin: https://chat.example:8443",
    "Host: chat.example\r\nOrigin: https://chat.example, https://evil.example",
    "Host: chat.example\r\nOrigin: https://chat.example\r\nOrigin: https://evil.example",
    "Host: chat.example\r\nOrigin: null",
    "Host: chat.example\r\nOrigin:",
    "Host: chat.example\r\nOrigin: https://chat.example\r\nSec-Fetch-Site: cross-site",
    "Host: chat.example\r\nOrigin: https://chat.example\r\nSec-Fetch-Site: same-site",
    "Host: chat.example\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
    "Host: chat.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin",
    "Host: chat.example\r\nSec-Fetch-Site: same-origin, cross-site",
    // Of two hosts, a proxy may have taken the other one.
    "Host: evil.example\r\nHost: chat.example\r\nOrigin: https://evil.example",
    "Host: chat.example\r\nHost: evil.example\r\nOrigin: https://evil.example",
    "Origin: https://evil.example",
];

#[tokio::test]
async fn another_site_is_not_taken_for_the_server_however_it_is_dressed_up() {
    let (tried, wrong) = other_sites_dressed_up(as_it_is).await;

    Trial::of(T2, "requests of other sites, dressed up")
        .times(tried)
        .wrong("taken for the server's own", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many were sent, and those that were not refused.
pub(super) async fn other_sites_dressed_up(seed: Seed) -> (usize, Vec<String>) {
    // The host of the target goes before the field (RFC 9112, 3.2.2).
    let absolute = ("http://chat.example", "Host: evil.example\r\nOrigin: https://evil.example");
    let mut wrong = Vec::new();
    for (origin, fields) in OTHER_SITES.map(|fields| ("", fields)).into_iter().chain([absolute]) {
        let stage = Stage::set(seed).await;
        let (own, by) = (path_of(&stage.scene.own), by(stage.scene.app.ann));
        let sent = format!("DELETE {origin}{own} HTTP/1.1\r\n{by}\r\n{fields}\r\n\r\n");
        let answer = stage.served.ask(sent).await;
        let refused = answer
            .as_ref()
            .is_some_and(|answer| answer.status == 403 && answer.problem().0 == "cross-site");
        if !refused || stage.own_messages().await.is_none() {
            wrong.push(format!("{fields}: {}", shown(answer.as_ref())));
        }
    }
    (OTHER_SITES.len() + 1, wrong)
}
