//! One client: what it does, and what it was told.

use std::{net::SocketAddr, time::Duration};

use axum::http::Method;
use scrollback::UserId;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    bot::reply_to,
    talks::{Talk, Talks},
    tally::Tally,
};
use crate::{
    http::{
        ask::Answer,
        client::Client,
        served::{Served, by, request},
    },
    support::Random,
};

pub(super) struct Caller {
    pub(super) number: usize,
    pub(super) user: UserId,
    pub(super) talks: Talks,
    pub(super) tally: Tally,
    pub(super) wrong: Vec<String>,
    address: SocketAddr,
    client: Client,
    random: Random,
    sent: usize,
}

/// For how long a client goes on.
#[derive(Clone, Copy)]
pub(super) enum Until {
    Done(usize),
    Over(Instant),
}

/// How often a request is sent before its client gives up: that is never to happen.
const ATTEMPTS: usize = 1_000;

const PAGE: usize = 20;

/// A chat for all clients of a user: its session.
pub(super) async fn start_shared(served: &Served, user: UserId, number: usize) -> String {
    let title = json!({ "title": format!("shared {number}") }).to_string();
    let started = request(&Method::POST, "/api/chat/start", &[by(user)], &title);
    let started = served.ask(started).await.unwrap();
    started.json()["session_id"].as_str().unwrap().to_owned()
}

impl Caller {
    pub(super) async fn connect(
        served: &Served,
        user: UserId,
        shared: String,
        number: usize,
    ) -> Self {
        Self {
            number,
            user,
            talks: Talks { own: Vec::new(), shared: Talk { session: shared, said: Vec::new() } },
            tally: Tally::default(),
            wrong: Vec::new(),
            address: served.address,
            client: served.client().await,
            random: Random::new(number as u64),
            sent: 0,
        }
    }

    pub(super) async fn run(mut self, until: Until) -> Self {
        self.start().await;
        self.say(0).await;
        let mut done = 2;
        while self.wrong.is_empty() && until.goes_on(done) {
            self.something().await;
            done += 1;
        }
        self
    }

    async fn something(&mut self) {
        let talk = self.random.below(self.talks.own.len() as u64) as usize;
        match self.random.below(100) {
            0..5 => self.start().await,
            5..55 => self.say(talk).await,
            55..65 => self.say(self.talks.own.len()).await,
            65..85 => self.read(talk).await,
            _ => self.list().await,
        }
    }

    async fn start(&mut self) {
        let title = json!({ "title": format!("caller {}", self.number) });
        let started = self.ask("start", Method::POST, "/chat/start", Some(title)).await;
        let Some(started) = started else { return };
        let session = started.json()["session_id"].as_str().unwrap().to_owned();
        self.talks.own.push(Talk { session, said: Vec::new() });
    }

    /// In a chat of its own, or after the last of them in the shared one.
    async fn say(&mut self, talk: usize) {
        let said = format!("{} of {}", self.sent, self.number);
        let path = format!("/chat/{}/message", self.talk(talk).session);
        let answer =
            self.ask("message", Method::POST, &path, Some(json!({ "content": said }))).await;
        let Some(answer) = answer else { return };
        let (asked, reply) =
            (&answer.json()["asked"]["content"], &answer.json()["reply"]["content"]);
        if *asked != *said || *reply != *reply_to(&said) {
            self.wrong.push(format!("{said}: {}", answer.text()));
        }
        self.talk(talk).said.push(said);
    }

    /// Nobody else writes here: the last page is known.
    async fn read(&mut self, talk: usize) {
        let path = format!("/chat/{}/history?limit={PAGE}", self.talks.own[talk].session);
        let Some(answer) = self.ask("history", Method::GET, &path, None).await else { return };
        let told = self.talks.own[talk].told();
        if contents(&answer, "content") != told[told.len().saturating_sub(PAGE)..] {
            self.wrong.push(format!("history of {}: {}", self.number, answer.text()));
        }
    }

    async fn list(&mut self) {
        let path = format!("/conversations?limit={PAGE}");
        let Some(answer) = self.ask("list", Method::GET, &path, None).await else { return };
        // The activity of the other clients moves conversations: here only whose they are is known.
        let mine = |title: &String| title.starts_with("shared ") || title.starts_with("caller ");
        let titles = contents(&answer, "title");
        if titles.is_empty() || !titles.iter().all(mine) {
            self.wrong.push(format!("list of {}: {}", self.number, answer.text()));
        }
    }

    fn talk(&mut self, talk: usize) -> &mut Talk {
        self.talks.own.get_mut(talk).unwrap_or(&mut self.talks.shared)
    }

    /// Sends it until it is answered with something else than that it should come again.
    async fn ask(
        &mut self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<Answer> {
        self.sent += 1;
        let key = format!("Idempotency-Key: {}-{}", self.number, self.sent);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let whole = request(&method, &format!("/api{path}"), &[by(self.user), key], &body);
        for _ in 0..ATTEMPTS {
            let begun = Instant::now();
            self.client.send(&whole).await;
            let answer = self.client.answer().await;
            let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
            self.tally.count(operation, status, begun.elapsed());
            match answer {
                Some(answer) if answer.status.is_success() => return Some(answer),
                Some(answer) if status == 503 => sleep(retry_after(&answer)).await,
                Some(answer) => {
                    self.wrong.push(format!("{operation} of {}: {}", self.number, answer.text()));
                    return None;
                }
                None => self.client = Client::connect(self.address).await,
            }
        }
        self.wrong.push(format!("{operation} of {}: never answered", self.number));
        None
    }
}

/// The server says when to come again.
fn retry_after(answer: &Answer) -> Duration {
    Duration::from_secs(answer.header("retry-after").parse().unwrap())
}

fn contents(answer: &Answer, field: &str) -> Vec<String> {
    let page = answer.json();
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

impl Until {
    fn goes_on(self, done: usize) -> bool {
        match self {
            Self::Done(operations) => done < operations,
            Self::Over(end) => Instant::now() < end,
        }
    }
}
