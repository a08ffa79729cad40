//! What a person does on the page, and what they see.

use fantoccini::key::Key;
use serde_json::Value;

use super::{site::Site, tab::Browser};

/// The texts that are shown, in order.
pub(super) const TEXTS: &str = "#messages .text";

impl Browser {
    pub(super) async fn sign_in(&self, site: &Site, name: &str) {
        self.goto(&site.url()).await;
        self.give_name(name).await;
    }

    /// Fills in the form, which must be there.
    pub(super) async fn give_name(&self, name: &str) {
        let field = self.find("#name").await;
        field.clear().await.unwrap();
        field.send_keys(name).await.unwrap();
        self.press(&Key::Enter).await;
        self.find("#draft").await;
    }

    /// Writes something and sends it.
    pub(super) async fn say(&self, text: &str) {
        self.until("!document.querySelector('#send').disabled").await;
        self.find("#draft").await.send_keys(text).await.unwrap();
        self.press(&Key::Enter).await;
    }

    /// Says something and waits for the answer to be stored.
    pub(super) async fn talk(&self, text: &str) {
        let before = self.texts(TEXTS).await.len();
        self.say(text).await;
        self.settled(before + 2).await;
    }

    /// Waits until so many messages are shown, all of them stored, and gives their texts.
    pub(super) async fn settled(&self, count: usize) -> Vec<String> {
        let is_there = format!("document.querySelectorAll('#messages > li').length === {count}");
        self.until(&format!("{is_there} && !document.querySelector('#tail').children.length"))
            .await;
        self.texts(TEXTS).await
    }

    /// The id of the open conversation, once it has one.
    pub(super) async fn conversation(&self) -> String {
        let id = self.until("location.hash.match(/^#c=(.+)/)[1]").await;
        id.as_str().unwrap().to_owned()
    }

    /// Begins another conversation.
    pub(super) async fn begin(&self) {
        self.click("#new").await;
        self.until("location.hash === '' && document.querySelector('#thread-note').textContent")
            .await;
    }

    /// Begins another conversation where the list must be opened first.
    pub(super) async fn begin_on_phone(&self) {
        self.click("#show-list").await;
        self.begin().await;
        self.until("!document.querySelector('#chat').inert").await;
    }

    /// Chooses from the list by title.
    pub(super) async fn choose(&self, title: &str) {
        let link = format!(
            "[...document.querySelectorAll('#conversations a')].find((a) => a.querySelector('.title').textContent === {title:?})"
        );
        self.until(&format!("{link}.click() ?? true")).await;
        self.until(&format!("document.querySelector('h1[id=title]').textContent === {title:?}"))
            .await;
    }

    /// Waits until the list shows just these titles.
    pub(super) async fn list_is(&self, titles: &[&str]) {
        let shown = "JSON.stringify([...document.querySelectorAll('#conversations .title')].map((e) => e.textContent))";
        let titles = serde_json::to_string(titles).unwrap();
        self.until(&format!("{shown} === {titles:?}")).await;
    }

    /// What the server answers to whoever is signed in here: the status, and the body if it is JSON.
    pub(super) async fn ask(&self, path: &str) -> (u64, Value) {
        let script = format!(
            "const answer = await fetch({path:?});
             return [answer.status, await answer.json().catch(() => null)]"
        );
        let answer = self.run_async(&script).await;
        (answer[0].as_u64().unwrap(), answer[1].clone())
    }

    /// The roles of all messages that the server has stored in a conversation.
    pub(super) async fn stored(&self, conversation: &str) -> Vec<String> {
        let path = format!("/api/conversations/{conversation}/messages");
        let (status, page) = self.ask(&path).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["role"].as_str().unwrap().to_owned()).collect()
    }
}
