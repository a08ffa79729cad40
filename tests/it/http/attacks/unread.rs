//! T2 over a socket: what was refused before its body was read. The body is not the next request.

use std::{sync::Arc, time::Duration};

use scrollback_proof::{T2, Trial};
use serde_json::json;

use crate::http::{
    app::App,
    bots::Counter,
    served::{Served, by},
};

/// Refused for its head, or before the end of its body.
const REFUSED: [(&str, &str, u16); 9] = [
    ("of nobody", "POST /api/conversations HTTP/1.1\r\nContent-Type: application/json", 401),
    (
        "of another site",
        "POST /api/conversations HTTP/1.1\r\n{by}\r\nOrigin: https://evil.example",
        403,
    ),
    ("where nothing is", "POST /api/nothing HTTP/1.1\r\n{by}", 404),
    (
        "to a conversation that is not there",
        "DELETE /api/conversations/9223372036854775800 HTTP/1.1\r\n{by}",
        404,
    ),
    ("by no method of it", "PUT /api/conversations HTTP/1.1\r\n{by}", 405),
    (
        "of another type",
        "POST /api/conversations HTTP/1.1\r\n{by}\r\nContent-Type: text/plain",
        415,
    ),
    ("with a bad key", "POST /api/conversations HTTP/1.1\r\n{by}\r\nIdempotency-Key:", 400),
    ("of too many bytes", "POST /api/conversations HTTP/1.1\r\n{by}\r\n{json}\r\nX: 1", 413),
    ("with a long head", "POST /api/conversations HTTP/1.1\r\n{by}\r\nX: {long}", 431),
];

#[tokio::test]
async fn a_body_that_was_not_read_is_not_the_next_request() {
    let set = |http: scrollback::http::Http| {
        http.with_max_body(64).with_body_timeout(Duration::from_secs(600))
    };
    let app = App::with(Arc::new(Counter), set).await;
    let served = Served::of(&app).await;
    let by = by(app.ann);
    let chat = app.conversation().await;
    let message = json!({ "role": "user", "content": "here" });
    app.post(&format!("{chat}/messages"), &message).answer().await;
    let hidden = format!("DELETE /api{chat} HTTP/1.1\r\nHost: chat.example\r\n{by}\r\n\r\n");
    let mut wrong = Vec::new();

    for (what, head, status) in REFUSED {
        let head = head
            .replace("{by}", &by)
            .replace("{json}", "Content-Type: application/json")
            .replace("{long}", &"x".repeat(33 << 10));
        let length = hidden.len();
        let sent =
            format!("{head}\r\nHost: chat.example\r\nContent-Length: {length}\r\n\r\n{hidden}");
        let mut client = served.client().await;
        client.send(sent).await;
        let answer = client.answer().await;
        client.end().await;
        let rest = client.rest().await;

        let refused = answer.as_ref().is_some_and(|answer| answer.status == status);
        if !refused
            || !rest.is_empty()
            || app.contents(&format!("{chat}/messages")).await != ["here"]
        {
            wrong.push(format!("{what}: {}", super::shown(answer.as_ref())));
        }
    }

    Trial::of(T2, "requests within bodies that were not read")
        .times(REFUSED.len())
        .wrong("done", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}
