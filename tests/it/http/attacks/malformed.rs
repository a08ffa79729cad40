//! T13 over a socket: heads that are no HTTP, or hardly any.
//!
//! Most are refused by hyper, before the router sees anything, with a status and no body; what the router
//! answers is a problem document.

use scrollback_proof::{T13, Trial};

use super::{Stage, path_of, shown};
use crate::http::{app::as_it_is, served::by};

/// What it is, what is sent, and the statuses of which one is the answer; 0 is a connection that is closed.
struct Odd {
    what: &'static str,
    sent: Vec<u8>,
    answered: &'static [u16],
}

const REFUSED: &[u16] = &[400];

/// Fields of an otherwise good request.
const FIELDS: [(&str, &[u8], &[u16]); 13] = [
    ("nothing odd", b"X-Odd: a", &[200]),
    ("a NUL in a value", b"X-Odd: a\0b", REFUSED),
    ("a NUL in a name", b"X-\0Odd: a", REFUSED),
    ("DEL in a value", b"X-Odd: a\x7fb", REFUSED),
    ("a carriage return in a value", b"X-Odd: a\rb", REFUSED),
    // Opaque to HTTP (RFC 9110, 5.5).
    ("bytes that are no UTF-8 in a value", b"X-Odd: \xff\xfe", &[200]),
    ("bytes that are no ASCII in a name", b"X-\xc3\xa9: a", REFUSED),
    ("a folded field", b"X-Odd: a\r\n b", REFUSED),
    ("a folded first field", b" b", REFUSED),
    ("a space before the colon", b"X-Odd : a", REFUSED),
    ("a field without a name", b": a", REFUSED),
    ("a field without a colon", b"X-Odd", REFUSED),
    ("a field that ends in a line feed", b"X-Odd: a\nX-Other: b", &[200]),
];

/// First lines of an otherwise good request, without the line's end.
const LINES: [(&str, &str, &[u16]); 16] = [
    ("a method of small letters", "get {own} HTTP/1.1", &[405]),
    ("a method that nobody knows", "FROB {own} HTTP/1.1", &[405]),
    ("a method of other signs", "DEL(ETE {own} HTTP/1.1", REFUSED),
    ("a method that traces", "TRACE {own} HTTP/1.1", &[405]),
    ("a method that connects", "CONNECT chat.example:443 HTTP/1.1", &[404]),
    ("a method that connects to a path", "CONNECT {own} HTTP/1.1", &[405]),
    ("every target", "OPTIONS * HTTP/1.1", &[404]),
    ("two spaces before the target", "GET  {own} HTTP/1.1", REFUSED),
    ("a space within the target", "GET {own} x HTTP/1.1", REFUSED),
    ("no target", "GET HTTP/1.1", REFUSED),
    ("no version", "GET {own}", REFUSED),
    ("a version that is to come", "GET {own} HTTP/7.5", REFUSED),
    ("a version of two digits", "GET {own} HTTP/1.10", REFUSED),
    ("the version before", "GET {own} HTTP/1.0", &[200]),
    ("another scheme", "GET gopher://chat.example{own} HTTP/1.1", &[200]),
    ("a target of no scheme", "GET ://{own} HTTP/1.1", REFUSED),
];

/// No request at all.
const NONE: [(&str, &[u8], &[u16]); 5] = [
    ("ends of lines", b"\r\n\r\n\r\n\r\n", &[0]),
    ("another version's greeting", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0]),
    ("a handshake of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", REFUSED),
    ("a greeting of SMTP", b"EHLO chat.example\r\nMAIL FROM:<ann@chat.example>\r\n", REFUSED),
    ("zeros", &[0; 100], REFUSED),
];

#[tokio::test]
async fn a_malformed_head_is_refused_and_the_next_one_is_served() {
    let stage = Stage::set(as_it_is).await;
    let odds = odds(&stage);
    let mut wrong = Vec::new();
    for Odd { what, sent, answered } in &odds {
        let mut client = stage.served.client().await;
        client.send(sent).await;
        client.end().await;
        let answer = client.answer().await;
        let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
        let damage = stage.damage(answer.as_slice()).await;
        let own = stage.own_messages().await;
        if !answered.contains(&status) || damage.is_some() || own != Some(1) {
            wrong.push(format!("{what}: {damage:?} {own:?} {}", shown(answer.as_ref())));
        }
        if let Some(ours) = answer.as_ref().filter(|answer| !answer.body.is_empty()) {
            ours.is_ours(what);
        }
    }

    Trial::of(T13, "malformed heads over a socket")
        .times(odds.len())
        .wrong("answered as none should be", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

fn odds(stage: &Stage) -> Vec<Odd> {
    let (own, by) = (path_of(&stage.scene.own), by(stage.scene.app.ann));
    let head = |line: &[u8], fields: &[u8]| {
        [line, b"\r\n", fields, b"\r\n", by.as_bytes(), b"\r\n\r\n"].concat()
    };
    let line = |line: &str| line.replace("{own}", &own).into_bytes();
    let good = line("GET {own} HTTP/1.1");
    let mut odds = Vec::new();
    for (what, fields, answered) in FIELDS {
        odds.push(Odd { what, sent: head(&good, fields), answered });
    }
    for (what, odd, answered) in LINES {
        odds.push(Odd { what, sent: head(&line(odd), b"Host: chat.example"), answered });
    }
    for (what, sent, answered) in NONE {
        odds.push(Odd { what, sent: sent.to_vec(), answered });
    }
    for (what, fields, answered) in large() {
        odds.push(Odd { what, sent: head(&good, fields.as_bytes()), answered });
    }
    odds
}

/// What is too large for a limit: ours of 32 KiB, or one of hyper's.
fn large() -> [(&'static str, String, &'static [u16]); 4] {
    let many =
        |many: usize| (0..many).map(|n| format!("X-{n}: 1")).collect::<Vec<_>>().join("\r\n");
    let long = |length: usize| format!("X-Odd: {}", "x".repeat(length));
    [
        ("as many fields as fit", many(90), &[200]),
        ("too many fields", many(200), &[431]),
        ("a field of 40 KiB", long(40 << 10), &[431]),
        ("a field of a megabyte", long(1 << 20), &[431]),
    ]
}
