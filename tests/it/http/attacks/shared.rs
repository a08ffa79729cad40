//! T1 over HTTP: a connection that several people share, as a proxy keeps it open.

use axum::http::Method;
use scrollback_proof::{T1, Trial};

use crate::http::{
    app::{App, Seed, as_it_is},
    served::{Served, by, request},
};

/// How often each of them asks on the same connection.
const ROUNDS: usize = 20;

#[tokio::test]
async fn on_one_connection_everybody_gets_what_is_theirs() {
    let (tried, wrong) = requests_on_one_connection(as_it_is).await;

    Trial::of(T1, "requests of several people on one connection")
        .times(tried)
        .wrong("answered to another", wrong.len())
        .record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many were sent, all before the first answer was read, and which answers were another's.
pub(super) async fn requests_on_one_connection(seed: Seed) -> (usize, Vec<String>) {
    let app = App::new().await.behind(seed);
    app.conversation().await;
    let served = Served::of(&app).await;
    let people = [
        (vec![by(app.ann)], "{\"end\":{\"conversations\":1,"),
        (vec![by(app.ben)], "{\"end\":{\"conversations\":0,"),
        (vec![], "urn:problem-type:scrollback:unauthenticated"),
    ];
    let mut client = served.client().await;
    for (fields, _) in people.iter().cycle().take(ROUNDS * people.len()) {
        client.send(request(&Method::GET, "/api/me/export", fields, "")).await;
    }

    let (mut tried, mut wrong) = (0, Vec::new());
    for (fields, theirs) in people.iter().cycle().take(ROUNDS * people.len()) {
        let answer = client.answer().await;
        tried += 1;
        if !answer.as_ref().is_some_and(|answer| answer.text().contains(theirs)) {
            wrong.push(format!("{fields:?}: {}", super::shown(answer.as_ref())));
        }
    }
    (tried, wrong)
}
