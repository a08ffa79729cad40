//! The endpoints behind a socket, as a host serves them: by axum's own server.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{Router, http::Method};
use scrollback::UserId;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    app::{App, USER},
    ask::Answer,
    client::Client,
};

/// It listens until it is dropped.
pub(super) struct Served {
    pub(super) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Served {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, serving }
    }

    pub(super) async fn of(app: &App) -> Self {
        Self::start(app.router.clone()).await
    }

    pub(super) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// What these bytes are answered with, on a connection of their own.
    pub(super) async fn ask(&self, bytes: impl AsRef<[u8]>) -> Option<Answer> {
        let mut client = self.client().await;
        client.send(bytes).await;
        client.answer().await
    }

    /// Whether somebody else is answered.
    pub(super) async fn is_alive(&self, user: UserId) -> bool {
        let asked = request(&Method::GET, "/api/conversations", &[by(user)], "");
        self.ask(asked).await.is_some_and(|answer| answer.status == 200)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The field by which the host of these tests knows who is asking.
pub(super) fn by(user: UserId) -> String {
    format!("{USER}: {}", user.get())
}

/// A request as it is sent; with a body, it is said to be JSON.
pub(super) fn request(method: &Method, target: &str, fields: &[String], body: &str) -> String {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: chat.example\r\n");
    for field in fields {
        head += &format!("{field}\r\n");
    }
    if !body.is_empty() {
        head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    format!("{head}\r\n{body}")
}
