//! `ETag`, `If-Match`, `If-None-Match`: versions of a conversation.

use serde_json::json;

use super::{app::App, fixtures};

#[tokio::test]
async fn every_change_is_another_version() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let chat = app.conversation().await;
        let version = async || app.get(&chat).answer().await.header("etag").to_owned();
        let mut versions = vec![version().await];

        for body in [
            json!({ "title": "a" }),
            json!({ "archived": true }),
            json!({ "metadata": { "a": 1 } }),
            json!({ "title": null }),
        ] {
            let changed = app.patch(&chat, &body).answer().await;
            assert_eq!(changed.header("etag"), version().await, "{store}");
            versions.push(version().await);
        }
        let message = json!({ "role": "user", "content": "hello" });
        app.post(&format!("{chat}/messages"), &message).answer().await;
        versions.push(version().await);

        let number = versions.len();
        versions.sort();
        versions.dedup();
        assert_eq!(versions.len(), number, "{store}");
    }
}

#[tokio::test]
async fn a_version_that_is_known_is_not_sent_again() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let etag = app.get(&chat).answer().await.header("etag").to_owned();

    for (known, status) in [
        (etag.clone(), 304),
        (format!("W/{etag}"), 304),
        (format!("\"other\", {etag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
        ("".to_owned(), 200),
    ] {
        let answer = app.get(&chat).header("If-None-Match", &known).answer().await;

        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.header("etag"), etag);
        assert_eq!(answer.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_message_is_added_to_the_version_that_was_seen_or_not_at_all() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let chat = app.conversation().await;
        let path = format!("{chat}/messages");
        let etag = app.get(&chat).answer().await.header("etag").to_owned();
        let add = async |text: &str, version: &str| {
            let body = json!({ "role": "user", "content": text });
            app.post(&path, &body).header("If-Match", version).answer().await
        };

        let first = add("one", &etag).await;
        let second = add("two", &etag).await;
        let any = add("three", "*").await;

        assert_eq!(first.status, 201, "{store}");
        assert_eq!((second.status.as_u16(), &*second.problem().0), (412, "moved"), "{store}");
        assert_eq!(any.status, 201, "{store}");
        for version in [format!("W/{etag}"), "\"\"".to_owned(), "\"x\"".to_owned(), "2".to_owned()]
        {
            assert_eq!(add("four", &version).await.status, 412, "{store} {version}");
        }
        let several = add("four", &format!("{etag}, {etag}")).await;
        assert_eq!(several.problem().1, "If-Match names more than one version");
        assert_eq!(app.contents(&path).await, ["one", "three"], "{store}");
    }
}

#[tokio::test]
async fn sent_again_with_its_key_a_message_is_found_in_the_version_it_made() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let path = format!("{chat}/messages");
    let etag = app.get(&chat).answer().await.header("etag").to_owned();
    let add = async || {
        let body = json!({ "role": "user", "content": "one" });
        let ask = app.post(&path, &body).header("If-Match", &etag);
        ask.header("Idempotency-Key", "k").answer().await
    };

    let (first, again) = (add().await, add().await);

    assert_eq!((first.status.as_u16(), first.body), (201, again.body));
}

#[tokio::test]
async fn a_version_is_refused_where_it_could_not_be_compared_in_one_step() {
    let app = App::new().await;
    let chat = app.conversation().await;
    let etag = app.get(&chat).answer().await.header("etag").to_owned();

    let patch =
        app.patch(&chat, &json!({ "title": "new" })).header("If-Match", &etag).answer().await;
    let delete = app.delete(&chat).header("If-Match", &etag).answer().await;

    for answer in [patch, delete] {
        let refused = (answer.status.as_u16(), answer.problem().1);
        assert_eq!(refused, (400, "If-Match is only taken where messages are added".to_owned()));
    }
    assert_eq!(app.get(&chat).answer().await.header("etag"), etag);
}
