//! T1, T2, T10, T13 over a socket: targets that other servers read as another path than they are.

use axum::http::Method;
use scrollback_proof::{T1, T2, T10, T13, Trial};

use super::{Stage, shown};
use crate::http::{
    app::as_it_is,
    ask::Answer,
    scene::Target,
    served::{by, request},
};

/// `{id}` is a conversation, once the victim's and once nobody's; `{own}` is the caller's.
const TARGETS: [&str; 38] = [
    "/api/conversations/%2e%2e/conversations/{id}",
    "/api/conversations/../conversations/{id}",
    "/api/conversations/{own}/../{id}",
    "/api/conversations/{own}/..;/{id}",
    "/api/conversations/{own}/%2e%2e/{id}",
    "/api/conversations/{own}%2F..%2F{id}",
    "/api/conversations/{own}%2f%2e%2e%2f{id}",
    "/api/conversations/{own}%252F..%252F{id}",
    "/api/conversations/{own}\\..\\{id}",
    "/api/conversations/{own}%5C..%5C{id}",
    "/api/conversations/{own},{id}",
    "/api/conversations/{own};id={id}",
    "/api/conversations/{own}%00{id}",
    "/api/conversations/{own}?id={id}",
    "/api/conversations/{own}%3Fid={id}",
    "/api/conversations/{own}%23/{id}",
    "/api/conversations/./{id}",
    "/api/./conversations/{id}",
    "/api//conversations/{id}",
    "//api/conversations/{id}",
    "/api/conversations//{id}",
    "/api/conversations/{id}//messages",
    "/api/conversations/{id}/messages/",
    "/api/conversations/{id}%2Fmessages",
    "/api/conversations/{id}/%6Dessages",
    "/api/conversations/{id}/messages/..",
    "/api/conversations/{id}/messages;x",
    "/api/conversations/{id}.json",
    "/api/conversations/{id}%0d%0aX-Test-User:%201",
    "/api/conversations/{id}%20",
    "/api/conversations/%20{id}",
    "/api/conversations/%2B{id}",
    "/api/conversations/%EF%BC%91{id}",
    "/api/conversations/%ff{id}",
    "/api/%63onversations/{id}",
    "/API/Conversations/{id}",
    "/api/me/../conversations/{id}",
    "http://127.0.0.1/api/conversations/{id}",
];

/// Each names what it names, or nothing; but never what the victim's path is.
const BODIES: [(Method, &str); 4] = [
    (Method::GET, ""),
    (Method::DELETE, ""),
    (Method::PATCH, r#"{"title":"mine"}"#),
    (Method::POST, r#"{"role":"user","content":"mine"}"#),
];

#[tokio::test]
async fn no_way_of_writing_a_path_leads_to_what_is_somebody_elses() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (method, body) in &BODIES {
        for target in TARGETS {
            // What is the caller's own may be changed by this, so every target has a scene of its own.
            let foreign = Stage::set(as_it_is).await;
            let unknown = Stage::set(as_it_is).await;
            let told = ask(&foreign, method, target, &foreign.scene.foreign, body).await;
            let expected = ask(&unknown, method, target, &unknown.scene.unknown, body).await;
            tried += 1;
            let damage = foreign.damage(told.as_slice()).await;
            let same = of_nobody(&told, &foreign) == of_nobody(&expected, &unknown);
            if !same || damage.is_some() {
                let (told, expected) = (shown(told.as_ref()), shown(expected.as_ref()));
                wrong.push(format!("{method} {target}: {damage:?} {told} is not {expected}"));
            }
        }
    }

    for threat in [T1, T2, T10] {
        Trial::of(threat, "paths that other servers read otherwise")
            .times(tried)
            .wrong("told apart, shown or changed", wrong.len())
            .record();
    }
    assert_eq!(wrong, Vec::<String>::new());
}

async fn ask(
    stage: &Stage,
    method: &Method,
    target: &str,
    named: &Target,
    body: &str,
) -> Option<Answer> {
    let target = target.replace("{id}", &named.id).replace("{own}", &stage.scene.own.id);
    let sent = request(method, &target, &[by(stage.scene.app.ann)], body);
    stage.served.ask(sent).await
}

/// What is shown, without the names and times that differ from scene to scene.
fn of_nobody(answer: &Option<Answer>, stage: &Stage) -> String {
    let own = answer.as_ref().is_some_and(|answer| answer.status.is_success());
    match own {
        // The caller's own conversation: it was named by the rest of the path.
        true => format!("own {}", shown(answer.as_ref()).contains(&stage.scene.own.id)),
        false => shown(answer.as_ref()),
    }
}

/// Targets that are too long, or that nothing can be called; and what they are answered with.
fn impossible() -> Vec<(String, &'static [u16])> {
    let long = |length: usize| "9".repeat(length);
    let parameters = "limit=1&".repeat(6_000);
    vec![
        (format!("/api/conversations/{}", long(8 << 10)), &[404]),
        (format!("/api/conversations/{}", long(60_000)), &[404]),
        (format!("/api/conversations/{}", long(70_000)), &[414]),
        (format!("/api/conversations/{}", long(1 << 20)), &[414, 431]),
        (format!("/api{}", "/x".repeat(20_000)), &[404]),
        (format!("/api{}", "/..".repeat(20_000)), &[404]),
        (format!("/api/conversations/{}", "%25".repeat(20_000)), &[404]),
        (format!("/api/conversations?{parameters}"), &[400]),
        (format!("/api/conversations?cursor={}", long(60_000)), &[400]),
        ("/api/conversations?cursor=%ff".to_owned(), &[400]),
        ("/api/conversations?limit=%31".to_owned(), &[200]),
        ("/api/conversations?%6Cimit=1".to_owned(), &[200]),
        ("/api/conversations?limit=%EF%BC%91".to_owned(), &[400]),
        ("/api/conversations?limit=1%00".to_owned(), &[400]),
        ("/api/conversations?limit[]=1".to_owned(), &[400]),
        ("/api/conversations?limit=1;archived=true".to_owned(), &[400]),
        ("/api/conversations?".to_owned(), &[200]),
        ("/api/conversations?&&&".to_owned(), &[200]),
        ("/api/conversations?=".to_owned(), &[400]),
        ("/api/conversations?limit=1#x".to_owned(), &[200, 400]),
        ("/api/conversations/%".to_owned(), &[404]),
        ("/api/conversations/%4".to_owned(), &[404]),
        ("/api/conversations/%zz".to_owned(), &[404]),
        ("/api/conversations/%c0%ae%c0%ae".to_owned(), &[404]),
        ("/api/conversations/\u{e9}".to_owned(), &[400, 404]),
        ("/api/chat/%ff/history".to_owned(), &[404]),
        ("/api/chat/%00/history".to_owned(), &[404]),
        ("/api/chat//history".to_owned(), &[404]),
        ("/api/chat/../me/export/history".to_owned(), &[404]),
        ("/api/docs/../../../../etc/passwd".to_owned(), &[404]),
        ("api/conversations".to_owned(), &[400]),
        ("?limit=1".to_owned(), &[400]),
    ]
}

#[tokio::test]
async fn a_target_that_nothing_can_be_is_refused_and_the_next_one_is_served() {
    let stage = Stage::set(as_it_is).await;
    let mut wrong = Vec::new();
    let targets = impossible();
    for (target, answered) in &targets {
        let sent = request(&Method::GET, target, &[by(stage.scene.app.ann)], "");
        let answer = stage.served.ask(sent).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
        let damage = stage.damage(answer.as_slice()).await;
        let start: String = target.chars().take(60).collect();
        if !answered.contains(&status) || damage.is_some() {
            wrong.push(format!("{start}: {damage:?} {}", shown(answer.as_ref())));
        }
        if let Some(ours) = answer.as_ref().filter(|answer| !answer.body.is_empty()) {
            ours.is_ours(&start);
        }
    }

    Trial::of(T13, "targets over a socket that nothing can be")
        .times(targets.len())
        .wrong("answered as none should be", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}
