//! Conversations over HTTP: created, listed, renamed, archived, deleted, erased.

use axum::http::Method;
use serde_json::{Value, json};

use super::{app::App, fixtures};

#[tokio::test]
async fn a_conversation_is_created_where_its_location_says() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;

        let body = json!({ "title": "Trip", "metadata": { "b": 1.5, "a": [null] } });
        let created = app.post("/conversations", &body).answer().await;
        let path = created.header("location").strip_prefix("/api").unwrap();
        let read = app.get(path).answer().await;

        assert_eq!((created.status.as_u16(), read.status.as_u16()), (201, 200), "{store}");
        assert_eq!(created.json(), read.json(), "{store}");
        assert_eq!(created.header("etag"), read.header("etag"), "{store}");
        assert_eq!(read.json()["title"], "Trip");
        assert_eq!(read.json()["metadata"], body["metadata"]);
        assert!(read.json()["id"].is_string() && read.json()["session_id"].is_string());
    }
}

#[tokio::test]
async fn a_conversation_needs_no_body() {
    let app = App::new().await;

    let created = app.ask(Method::POST, "/conversations").by(app.ann).answer().await;

    assert_eq!((created.status.as_u16(), &created.json()["title"]), (201, &Value::Null));
}

#[tokio::test]
async fn a_listing_is_walked_by_its_links_and_back() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        for n in 0..5 {
            app.post("/conversations", &json!({ "title": n.to_string() })).answer().await;
        }

        let mut titles = Vec::new();
        let mut path = "/conversations?limit=2".to_owned();
        let last = loop {
            let page = app.get(&path).answer().await;
            let items = page.json()["items"].as_array().unwrap().clone();
            titles.extend(items.iter().map(|item| item["title"].as_str().unwrap().to_owned()));
            match link(&page, "next") {
                Some(next) => path = next,
                None => break page,
            }
        };
        let back = app.get(&link(&last, "prev").unwrap()).answer().await.json();

        assert_eq!(titles, ["4", "3", "2", "1", "0"], "{store}");
        assert_eq!(last.json()["next"], Value::Null);
        assert_eq!(back["items"][0]["title"], "2", "{store}");
    }
}

#[tokio::test]
async fn an_archived_conversation_is_in_the_other_listing() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let listed =
        async |path: &str| app.get(path).answer().await.json()["items"].as_array().unwrap().len();

    let archived = app.patch(&chat, &json!({ "archived": true })).answer().await;

    assert_eq!((archived.status.as_u16(), &archived.json()["archived"]), (200, &json!(true)));
    assert_eq!(listed("/conversations").await, 0);
    assert_eq!(listed("/conversations?archived=true").await, 1);
}

#[tokio::test]
async fn a_change_names_what_it_changes_and_leaves_the_rest() {
    let app = App::new().await;
    let body = json!({ "title": "Old", "metadata": { "a": 1 } });
    let created = app.post("/conversations", &body).answer().await.json();
    let chat = format!("/conversations/{}", created["id"].as_str().unwrap());

    let renamed = app.patch(&chat, &json!({ "title": "New" })).answer().await.json();
    let untitled = app.patch(&chat, &json!({ "title": null })).answer().await.json();
    let cleared = app.patch(&chat, &json!({ "metadata": {} })).answer().await.json();
    let nothing = app.patch(&chat, &json!({})).answer().await;

    assert_eq!((&renamed["title"], &renamed["metadata"]), (&json!("New"), &json!({ "a": 1 })));
    assert_eq!((&untitled["title"], &untitled["metadata"]), (&Value::Null, &json!({ "a": 1 })));
    assert_eq!(cleared["metadata"], json!({}));
    assert_eq!(
        (nothing.status.as_u16(), &*nothing.problem().1),
        (400, "body names nothing to change")
    );
}

#[tokio::test]
async fn a_deleted_conversation_is_gone_and_erasing_gives_a_receipt() {
    let app = App::new().await;
    let (deleted, kept) = (app.conversation().await, app.conversation().await);
    let message = json!({ "role": "user", "content": "hello" });
    app.post(&format!("{kept}/messages"), &message).answer().await;

    let first = app.delete(&deleted).answer().await;
    let second = app.delete(&deleted).answer().await;
    let erased = app.delete("/me/conversations").answer().await;
    let again = app.delete("/me/conversations").answer().await;

    assert_eq!((first.status.as_u16(), second.status.as_u16()), (204, 404));
    assert_eq!(erased.json(), json!({ "conversations": 1, "messages": 1 }));
    assert_eq!(again.json(), json!({ "conversations": 0, "messages": 0 }));
    assert_eq!(app.get(&kept).answer().await.status, 404);
}

#[tokio::test]
async fn a_bad_page_is_refused_and_never_taken_for_the_first() {
    let app = App::new().await;
    let chat = app.conversation().await;
    app.conversation().await;
    let listing = app.get("/conversations?limit=1").answer().await.json();
    let cursor = listing["next"].as_str().unwrap();
    let cut = &cursor[..cursor.len() - 1];

    for (path, refused) in [
        ("/conversations?limit=0".to_owned(), "limit is 0; ask for 1 to 1,000 items"),
        ("/conversations?limit=101".to_owned(), "limit is over 100, the most here"),
        ("/conversations?limit=-1".to_owned(), "limit is no number of items"),
        ("/conversations?limit=1&limit=1".to_owned(), "limit is given twice"),
        ("/conversations?archived=yes".to_owned(), "archived is neither true nor false"),
        ("/conversations?curser=x".to_owned(), "query has a parameter that is not of this request"),
        (format!("/conversations?cursor={cut}"), "cursor was cut short or altered"),
        ("/conversations?cursor=".to_owned(), "cursor was cut short or altered"),
        (
            format!("/conversations?archived=true&cursor={cursor}"),
            "cursor was altered, or is of another listing",
        ),
        (
            format!("{chat}/messages?cursor={cursor}"),
            "cursor was altered, or is of another listing",
        ),
        (format!("{chat}/messages?before=0"), "before is no whole number from 1"),
        (format!("{chat}/messages?after=x"), "after is no position"),
        (
            format!("{chat}/messages?after=1&before=2"),
            "query names more than one of cursor, before, after",
        ),
    ] {
        let answer = app.get(&path).answer().await;

        assert_eq!((answer.status.as_u16(), &*answer.problem().1), (400, refused), "{path}");
    }
    let of_ann = app.ask(Method::GET, &format!("/conversations?cursor={cursor}")).by(app.ben);
    assert_eq!(of_ann.answer().await.problem().1, "cursor was altered, or is of another listing");
}

/// The target of a link, below `/api`.
pub(super) fn link(answer: &super::ask::Answer, relation: &str) -> Option<String> {
    let links = answer.headers.get_all("link").iter().map(|link| link.to_str().unwrap());
    let mut targets = links.filter_map(|link| {
        let (target, rest) = link.strip_prefix("</api")?.split_once('>')?;
        (rest == format!("; rel=\"{relation}\"")).then(|| target.to_owned())
    });
    targets.next()
}
