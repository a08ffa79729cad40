//! Messages over HTTP: added, and read by pages both ways.

use serde_json::{Value, json};

use super::{app::App, conversations::link, fixtures};

async fn filled(app: &App, messages: u32) -> String {
    let path = format!("{}/messages", app.conversation().await);
    for n in 1..=messages {
        let role = if n % 2 == 1 { "user" } else { "assistant" };
        let body = json!({ "role": role, "content": format!("m{n}") });
        assert_eq!(app.post(&path, &body).answer().await.status, 201);
    }
    path
}

#[tokio::test]
async fn a_message_is_stored_as_it_was_sent_and_found_at_its_location() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let path = format!("{}/messages", app.conversation().await);
        let content = "<script>alert(1)</script>\u{202e}\u{1f980}\r\n\"\\";
        let body =
            json!({ "role": "assistant", "content": content, "metadata": { "model": "small" } });

        let added = app.post(&path, &body).answer().await;
        let location = added.header("location").strip_prefix("/api").unwrap();
        let found = app.get(location).answer().await.json();

        assert_eq!(added.status, 201, "{store}");
        assert_eq!(found["items"], json!([added.json()]), "{store}");
        assert_eq!(
            (&added.json()["content"], &added.json()["role"]),
            (&json!(content), &json!("assistant"))
        );
        assert_eq!((&added.json()["position"], &added.json()["key"]), (&json!(1), &Value::Null));
    }
}

#[tokio::test]
async fn messages_are_read_by_pages_both_ways() {
    for (store, fixture) in fixtures().await {
        let app = App::on(fixture).await;
        let path = filled(&app, 5).await;

        let newest = app.get(&format!("{path}?limit=2")).answer().await;
        let older = app.get(&link(&newest, "prev").unwrap()).answer().await;
        let newer = app.get(&link(&older, "next").unwrap()).answer().await;

        assert_eq!(texts(&newest.json()), ["m4", "m5"], "{store}");
        assert_eq!(link(&newest, "next"), None);
        assert_eq!(texts(&older.json()), ["m2", "m3"], "{store}");
        assert_eq!(texts(&newer.json()), ["m4", "m5"], "{store}");
        for (query, expected) in [
            ("before=3", &["m1", "m2"][..]),
            ("after=3", &["m4", "m5"]),
            ("after=0&limit=2", &["m1", "m2"]),
            ("after=5", &[]),
        ] {
            let page = app.get(&format!("{path}?{query}")).answer().await.json();
            assert_eq!(texts(&page), expected, "{store} {query}");
        }
    }
}

#[tokio::test]
async fn a_page_is_as_long_as_the_host_allows() {
    let most = scrollback::Limit::new(2).unwrap();
    let bot = std::sync::Arc::new(super::bots::Counter);
    let app = App::with(bot, |http| http.with_max_page(most)).await;
    let path = filled(&app, 3).await;

    let unasked = app.get(&path).answer().await.json();
    let refused = app.get(&format!("{path}?limit=3")).answer().await;

    assert_eq!(texts(&unasked), ["m2", "m3"]);
    assert_eq!(
        (refused.status.as_u16(), &*refused.problem().1),
        (400, "limit is over 2, the most here")
    );
}

fn texts(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["content"].as_str().unwrap()).collect()
}
