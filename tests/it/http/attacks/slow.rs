//! T13: bodies and heads that do not end, and readers that do not read.

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use scrollback::{ConversationId, NewMessage, Turn};
use scrollback_proof::{T13, T14, Trial};
use serde_json::json;

use crate::{
    database::OnPostgres,
    http::{
        app::{App, Seed, as_it_is},
        bots::Counter,
        client::Client,
        mass_assignment::body,
        matrix::operations,
        served::{Served, by, request},
    },
    support::connections,
};

/// Longer than any test waits.
const NEVER: Duration = Duration::from_secs(600);

/// How a body is announced that does not end, and what of it comes again and again.
const BODIES: [(&str, &str); 2] =
    [("Content-Length: 100000", " "), ("Transfer-Encoding: chunked", "1\r\n \r\n")];

/// So many of each kind nobody may notice.
const MANY: usize = 200;

const MESSAGES: usize = 64;

#[tokio::test]
async fn a_body_that_trickles_is_answered_when_its_time_is_over() {
    let (tried, wrong) = trickling_bodies(as_it_is).await;

    Trial::of(T13, "bodies that trickle").times(tried).wrong("waited for", wrong.len()).record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many there were, and those that were not answered as slow.
pub(super) async fn trickling_bodies(seed: Seed) -> (usize, Vec<String>) {
    let little = Duration::from_millis(50);
    let set = |http: scrollback::http::Http| http.with_body_timeout(little);
    let app = App::with(Arc::new(Counter), set).await.behind(seed);
    let served = Served::of(&app).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for (id, head) in heads(&app).await {
        for (announced, part) in BODIES {
            let mut client = begin(&served, &head, announced).await;
            let answer = client.trickle(part.as_bytes()).await;
            tried += 1;
            match answer {
                Some(answer) if answer.status == 408 && answer.problem().0 == "slow-body" => {}
                other => wrong.push(format!("{id}, {announced}: {}", super::shown(other.as_ref()))),
            }
        }
    }
    (tried, wrong)
}

#[tokio::test]
async fn a_body_without_an_end_is_cut_off_at_its_limit() {
    let (tried, wrong) = endless_bodies(as_it_is).await;

    Trial::of(T13, "bodies without an end").times(tried).wrong("read on", wrong.len()).record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many there were, and those of which more was read than the limit and what is under way.
pub(super) async fn endless_bodies(seed: Seed) -> (usize, Vec<String>) {
    let set = |http: scrollback::http::Http| http.with_max_body(1 << 10).with_body_timeout(NEVER);
    let app = App::with(Arc::new(Counter), set).await.behind(seed);
    let served = Served::of(&app).await;
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let (mut tried, mut wrong) = (0, Vec::new());
    for (id, head) in heads(&app).await {
        let mut client = begin(&served, &head, "Transfer-Encoding: chunked").await;
        let answer = client.trickle(chunk.as_bytes()).await;
        tried += 1;
        match answer {
            Some(answer) if answer.status == 413 && answer.problem().0 == "too-large" => {}
            other => wrong.push(format!("{id}: {}", super::shown(other.as_ref()))),
        }
    }
    (tried, wrong)
}

#[tokio::test]
async fn many_who_do_not_finish_their_requests_keep_nobody_from_being_served() {
    let set = |http: scrollback::http::Http| http.with_body_timeout(NEVER).with_max_exchanges(1);
    let app = App::with(Arc::new(Counter), set).await;
    let served = Served::of(&app).await;
    let (session, heads) = (app.session().await, heads(&app).await);
    let before = app.get("/me/export").answer().await.text();
    let mut waiting = Vec::new();
    for (_, head) in heads.iter().cycle().take(MANY) {
        let mut unfinished = begin(&served, head, "Content-Length: 100").await;
        unfinished.send("{").await;
        let mut headless = served.client().await;
        headless.send(&head[..head.len() / 2]).await;
        waiting.extend([unfinished, headless]);
    }

    let alive = served.is_alive(app.ben).await;
    let stored = app.get("/me/export").answer().await.text();
    let asked = json!({ "content": "Hello" }).to_string();
    let path = format!("/api{session}/message");
    let exchange = served.ask(request(&Method::POST, &path, &[by(app.ann)], &asked)).await;

    Trial::of(T14, "connections that do not finish their requests")
        .times(waiting.len())
        .wrong("others kept waiting", u8::from(!alive))
        .record();
    assert!(alive);
    assert_eq!(stored, before);
    assert_eq!(exchange.unwrap().status, 200);
}

#[tokio::test]
async fn those_who_do_not_read_hold_nothing_that_others_need() {
    let fixture = OnPostgres::with_pools_of(connections(2)).await;
    let app = App::on(Arc::new(fixture)).await;
    let served = Served::of(&app).await;
    let chat = app.conversation().await;
    let id: ConversationId = chat.rsplit('/').next().unwrap().parse().unwrap();
    // More than the buffers of a connection take, and more than one page of the store.
    let long = NewMessage::user("x".repeat(256 << 10));
    for _ in 0..MESSAGES {
        app.store.append(app.ann, id, Turn::new([long.clone()]).unwrap()).await.unwrap();
    }
    let export = request(&Method::GET, "/api/me/export", &[by(app.ann)], "");
    let mut readers = Vec::new();
    // Twice as many as there are connections to the database.
    for _ in 0..4 {
        let mut client = served.client().await;
        client.send(&export).await;
        assert_eq!(client.head().await.unwrap().0, 200);
        assert!(client.chunk().await.is_some());
        readers.push(client);
    }

    let message = json!({ "role": "user", "content": "meanwhile" });
    let stored = app.post(&format!("{chat}/messages"), &message).answer().await;
    let alive = served.is_alive(app.ann).await;
    let mut ends = Vec::new();
    for mut reader in readers {
        let mut last = Vec::new();
        while let Some(chunk) = reader.chunk().await {
            last = chunk;
        }
        ends.push(String::from_utf8(last).unwrap());
    }

    Trial::of(T14, "readers of exports that do not read, over a pool of two")
        .times(ends.len())
        .wrong("others kept waiting", u8::from(!alive || stored.status != 201))
        .record();
    assert_eq!((stored.status.as_u16(), alive), (201, true));
    assert!(ends.iter().all(|end| end.starts_with("{\"end\":{\"conversations\":1,")), "{ends:?}");
}

/// A request of Ann's up to its body, for every operation that takes one.
async fn heads(app: &App) -> Vec<(String, String)> {
    let (chat, session) = (app.conversation().await, app.session().await);
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let sending = operations(&app.document).into_iter().filter(|(id, ..)| body(id).is_some());
    let head = |(id, method, path): (String, Method, String)| {
        let path = path.replace("{id}", &name(&chat)).replace("{sessionId}", &name(&session));
        let fields = [by(app.ann), "Content-Type: application/json".to_owned()];
        let head = request(&method, &format!("/api{path}"), &fields, "");
        (id, head.strip_suffix("\r\n").unwrap().to_owned())
    };
    sending.map(head).collect()
}

/// A client that has sent a head and announced a body.
async fn begin(served: &Served, head: &str, announced: &str) -> Client {
    let mut client = served.client().await;
    client.send(format!("{head}{announced}\r\n\r\n")).await;
    client
}
