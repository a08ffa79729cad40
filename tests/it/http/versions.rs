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
async fn a_version_is_changed_or_deleted_as_it_was_seen_or_not_at_all() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let chat = app.conversation().await;
        let etag = async || app.get(&chat).answer().await.header("etag").to_owned();
        let rename = async |title: &str, version: &str| {
            let body = json!({ "title": title });
            app.patch(&chat, &body).header("If-Match", version).answer().await
        };
        let delete =
            async |version: &str| app.delete(&chat).header("If-Match", version).answer().await;
        let created = etag().await;

        let first = rename("one", &created).await;
        let second = rename("two", &created).await;
        let after_that = rename("three", first.header("etag")).await;
        let any = rename("four", "*").await;
        let message = json!({ "role": "user", "content": "hello" });
        app.post(&format!("{chat}/messages"), &message).answer().await;
        let past_a_message = rename("five", any.header("etag")).await;

        for (answer, status) in [(&first, 200), (&after_that, 200), (&any, 200)] {
            assert_eq!(answer.status, status, "{store}: {}", answer.text());
        }
        for refused in [second, past_a_message, delete(&created).await, delete("\"\"").await] {
            assert_eq!((refused.status.as_u16(), &*refused.problem().0), (412, "moved"), "{store}");
        }
        assert_eq!(app.get(&chat).answer().await.json()["title"], "four", "{store}");
        assert_eq!(delete(&etag().await).await.status, 204, "{store}");
        assert_eq!(delete(&created).await.status, 404, "{store}");
    }
}

#[tokio::test]
async fn a_tag_that_is_weak_or_of_nobody_is_no_version_to_change() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let chat = app.conversation().await;
        let etag = app.get(&chat).answer().await.header("etag").to_owned();
        let (_, version) = etag.trim_matches('"').split_once('.').unwrap();
        let tags = [
            format!("W/{etag}"),
            format!("\"{version}\""),
            format!("\"00.{version}\""),
            format!("\"0.0{version}\""),
            format!("\"0.{}\"", version.to_uppercase() + "F"),
            "\"0.-1\"".to_owned(),
            "\"0.ffffffffffffffff\"".to_owned(),
            "\"0.7fffffffffffffff\"".to_owned(),
            "\"0.0\"".to_owned(),
            "\"0.71f0ba397ed1dfff\"".to_owned(),
            "\"\"".to_owned(),
            "x".to_owned(),
            String::new(),
        ];

        for tag in &tags {
            let patch = app.patch(&chat, &json!({ "archived": true })).header("If-Match", tag);
            let delete = app.delete(&chat).header("If-Match", tag);
            for answer in [patch.answer().await, delete.answer().await] {
                let refused = (answer.status.as_u16(), answer.problem().0);
                assert_eq!(refused, (412, "moved".to_owned()), "{store} {tag}");
            }
        }

        let several = app.delete(&chat).header("If-Match", &format!("{etag}, {etag}"));
        assert_eq!(several.answer().await.problem().1, "If-Match names more than one version");
        assert_eq!(app.get(&chat).answer().await.header("etag"), etag, "{store}");
    }
}
