//! Attacks over a socket, on axum's own server: whatever is sent, it is answered as what it is, nothing is
//! told of what is somebody else's, and everybody else is served.
//!
//! `controls` puts the same attacks to servers that are wrong, in `flaws`.

mod controls;
mod cut;
mod flaws;
mod framing;
mod gone;
mod heads;
mod malformed;
mod paths;
mod shared;
mod slow;
mod unread;

use std::sync::Arc;

use scrollback::{
    MemoryStore,
    conformance::{Clones, Fixture},
};

use super::{
    app::Seed,
    ask::Answer,
    scene::{SECRET, Scene, Target},
    served::Served,
};

/// A scene in memory, and the socket that it is behind.
struct Stage {
    scene: Scene,
    served: Served,
}

impl Stage {
    async fn set(seed: Seed) -> Self {
        let fixture: Arc<dyn Fixture> = Arc::new(Clones::new(MemoryStore::new()));
        let scene = Scene::set(fixture, seed).await;
        let served = Served::of(&scene.app).await;
        Self { scene, served }
    }

    /// What is wrong after an attack, whatever was answered.
    async fn damage(&self, answers: &[Answer]) -> Option<&'static str> {
        let shows = |answer: &Answer| String::from_utf8_lossy(&answer.body).contains(SECRET);
        if answers.iter().any(shows) {
            return Some("shows what is the victim's");
        }
        if answers.iter().any(|answer| answer.status.is_server_error()) {
            return Some("the server failed");
        }
        if self.scene.is_changed().await {
            return Some("changes what is the victim's");
        }
        let alive = self.served.is_alive(self.scene.app.ann).await;
        (!alive).then_some("somebody else is not served")
    }

    /// How many messages the caller's own conversation has; nothing when it is gone.
    async fn own_messages(&self) -> Option<usize> {
        let path = format!("/conversations/{}/messages", self.scene.own.id);
        let answer = self.scene.app.get(&path).answer().await;
        answer.status.is_success().then(|| answer.json()["items"].as_array().unwrap().len())
    }
}

/// All that a client gets to see of an answer but the time.
fn shown(answer: Option<&Answer>) -> String {
    let Some(Answer { status, headers, body, .. }) = answer else { return "closed".to_owned() };
    let mut headers = headers.clone();
    headers.remove("date");
    format!("{status} {headers:?} {}", String::from_utf8_lossy(body))
}

/// The path of what is named.
fn path_of(target: &Target) -> String {
    format!("/api/conversations/{}", target.id)
}
