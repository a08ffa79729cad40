//! T13 over a socket: bodies whose length is said in a wrong way, or in two.
//!
//! A server and the proxy before it that read a length differently take a part of a body for a request of
//! its own, or somebody else's request for a body. So every body here carries a request to delete the
//! caller's own conversation: it must never be done, whoever is asked.

use scrollback_proof::{T2, T13, Trial};

use super::{Stage, path_of, shown};
use crate::http::{app::as_it_is, served::by};

/// Fields that say how long a body is; `{n}` is how long it is.
const LENGTHS: [&str; 24] = [
    "Content-Length: {n}\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: {n}",
    "Content-Length: 5, {n}",
    "Content-Length: +{n}",
    "Content-Length: -{n}",
    "Content-Length: 0x{n}",
    "Content-Length: {n}.0",
    "Content-Length: {n} {n}",
    "Content-Length:",
    "Content-Length: 18446744073709551616",
    "Content-Length: 99999999999999999999999999",
    "Content-Length : {n}",
    "Content-Length: {n}\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: {n}",
    "Transfer-Encoding: identity\r\nContent-Length: {n}",
    "Transfer-Encoding: chunked, identity\r\nContent-Length: {n}",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: xchunked\r\nContent-Length: {n}",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding : chunked\r\nContent-Length: {n}",
    "Transfer-Encoding: \x0bchunked\r\nContent-Length: {n}",
    "X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: {n}",
    "Transfer-Encoding: chunked",
    "Content-Encoding: chunked\r\nContent-Length: {n}",
];

/// Chunks that are none; the request that must not be done follows each.
const CHUNKS: [&str; 10] = [
    "FFFFFFFFFFFFFFFFF\r\n",
    "-1\r\n",
    "0x10\r\n",
    "+5\r\n",
    " 5\r\n",
    "\r\n",
    "g\r\n",
    "5\r\n12345678\r\n",
    "5;{long}\r\n",
    "1\n \n0\n\n",
];

#[tokio::test]
async fn no_part_of_a_body_becomes_a_request_however_its_length_is_said() {
    let stage = Stage::set(as_it_is).await;
    let mut wrong = Vec::new();
    let sent = framings(&stage);
    for (what, request) in &sent {
        let mut client = stage.served.client().await;
        client.send(request).await;
        client.end().await;
        let first = client.answer().await;
        client.rest().await;

        let refused = first.as_ref().is_none_or(|answer| answer.status.is_client_error());
        let damage = stage.damage(first.as_slice()).await;
        if !refused || damage.is_some() || stage.own_messages().await != Some(1) {
            wrong.push(format!("{what:?}: {damage:?} {}", shown(first.as_ref())));
        }
    }

    for threat in [T2, T13] {
        Trial::of(threat, "lengths of bodies said in wrong ways")
            .times(sent.len())
            .wrong("taken for another request, or for a good one", wrong.len())
            .record();
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn framings(stage: &Stage) -> Vec<(String, String)> {
    let (own, by) = (path_of(&stage.scene.own), by(stage.scene.app.ann));
    let hidden = format!("DELETE {own} HTTP/1.1\r\nHost: chat.example\r\n{by}\r\n\r\n");
    let head = |fields: &str| {
        format!(
            "POST {own}/messages HTTP/1.1\r\nHost: chat.example\r\n{by}\r\n\
             Content-Type: application/json\r\n{fields}\r\n\r\n"
        )
    };
    // Read as chunks, it begins with one of no size.
    let as_length = LENGTHS.iter().map(|length| {
        let body = format!("x\r\n{hidden}");
        let fields = length.replace("{n}", &body.len().to_string());
        ((*length).to_owned(), head(&fields) + &body)
    });
    let as_chunks = CHUNKS.iter().map(|chunks| {
        let chunks = chunks.replace("{long}", &"x".repeat(1 << 20));
        let sent = head("Transfer-Encoding: chunked") + &chunks + &hidden;
        (chunks.chars().take(20).collect(), sent)
    });
    as_length.chain(as_chunks).collect()
}
