//! T6 over HTTP: nobody sets an owner, an id, a place or a time, by no way in.

use axum::http::Method;
use scrollback_proof::{T6, Trial};
use serde_json::{Value, json};

use super::{
    app::{App, Seed, as_it_is},
    ask::Answer,
    fixtures,
    matrix::operations,
};

/// What a client may try to set.
const FIELDS: [&str; 14] = [
    "user_id",
    "userId",
    "owner",
    "id",
    "position",
    "created_at",
    "updated_at",
    "message_count",
    "session",
    "session_id",
    "conversation_id",
    "key",
    "__proto__",
    "",
];

#[tokio::test]
async fn no_body_sets_what_is_the_stores_to_say() {
    let (tried, wrong) = fields_of_others(as_it_is).await;

    Trial::of(T6, "fields of others over HTTP").times(tried).wrong("taken", wrong.len()).record();
    assert_eq!(wrong, Vec::<String>::new());
}

/// How many were tried, and which of them were taken.
pub(super) async fn fields_of_others(seed: Seed) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await.behind(seed);
        let (chat, session) = (app.conversation().await, app.session().await);
        let before = export(&app).await;
        for (id, method, path) in operations(&app.document) {
            let Some(body) = body(&id) else { continue };
            let path = fill(&path, &chat, &session);
            for field in FIELDS {
                let mut body = body.clone();
                body[field] = json!(app.ben.get());
                let answer = app.ask(method.clone(), &path).by(app.ann).json(&body).answer().await;
                tried += 1;
                let expected = format!("{field} is not a field of this request");
                if answer.status != 400 || answer.problem().1 != expected.trim() {
                    wrong.push(format!("{store}: {id} {field}: {}", answer.text()));
                }
            }
        }
        if export(&app).await != before {
            wrong.push(format!("{store}: something was stored"));
        }
    }
    (tried, wrong)
}

#[tokio::test]
async fn no_query_and_no_header_names_an_owner() {
    owners_beside_the_body(as_it_is).await;
}

pub(super) async fn owners_beside_the_body(seed: Seed) {
    let app = App::new().await.behind(seed);
    let (chat, session) = (app.conversation().await, app.session().await);
    let ben = app.ben.get();

    for (id, method, path) in operations(&app.document) {
        if id == "eraseMine" || id == "deleteConversation" {
            continue;
        }
        let path = format!("{}?user_id={ben}&owner={ben}", fill(&path, &chat, &session));
        let mut ask = app.ask(method, &path).by(app.ann);
        for header in ["x-user-id", "x-forwarded-user", "remote-user", "x-original-url"] {
            ask = ask.header(header, &ben.to_string());
        }
        let answer = match body(&id) {
            Some(body) => ask.json(&body).answer().await,
            None => ask.answer().await,
        };
        let refused =
            answer.status == 400 && answer.problem().1.starts_with("query has a parameter");
        assert!(refused || answer.status.is_success(), "{id}: {}", answer.text());
    }

    let of_ben = app.ask(Method::GET, "/me/export").by(app.ben).answer().await.text();
    assert_eq!(of_ben, "{\"end\":{\"conversations\":0,\"messages\":0}}\n");
}

fn fill(path: &str, chat: &str, session: &str) -> String {
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    path.replace("{id}", &name(chat)).replace("{sessionId}", &name(session))
}

/// A body that the operation takes.
pub(super) fn body(operation: &str) -> Option<Value> {
    match operation {
        "createConversation" | "startChat" => Some(json!({})),
        "changeConversation" => Some(json!({ "archived": false })),
        "addMessage" => Some(json!({ "role": "user", "content": "hello" })),
        "sendMessage" => Some(json!({ "content": "hello" })),
        _ => None,
    }
}

async fn export(app: &App) -> String {
    let Answer { body, .. } = app.get("/me/export").answer().await;
    String::from_utf8(body.to_vec()).unwrap()
}
