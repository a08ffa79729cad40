//! A proxy in front of PostgreSQL that breaks a connection at a frame of the test's choice.

mod link;
mod script;

use std::sync::Arc;

use tokio::{net::TcpListener, task::JoinHandle};

use super::Cluster;
use script::Script;

pub(crate) use script::Fault;

/// A listening proxy; it ends with the test's runtime or when dropped.
pub(crate) struct FaultProxy {
    url: String,
    script: Arc<Script>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens on a free port in front of `cluster`, and breaks nothing yet.
    pub(crate) async fn start(cluster: &Cluster) -> Self {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let script = Arc::new(Script::new(cluster.address()));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&script)));
        Self { url: cluster.url_at(&address), script, accepting }
    }

    /// The URL that leads through this proxy.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Has `fault` happen once; frames are counted from now.
    pub(crate) fn arm(&self, fault: Fault) {
        self.script.arm(Some(fault));
    }

    /// Lets everything pass again. What a black hole has swallowed from stays silent for ever.
    pub(crate) fn heal(&self) {
        self.script.arm(None);
        self.script.swallow(false);
        self.script.release();
    }

    /// From now on nothing passes in either direction and new connections get no answer.
    pub(crate) fn black_hole(&self) {
        self.script.swallow(true);
    }

    /// Leads new connections to another server.
    pub(crate) fn swap_upstream(&self, address: &str) {
        self.script.lead_to(address);
    }

    /// The type of the frame that the fault happened to since it was armed; 0 for a start-up message.
    pub(crate) fn fired(&self) -> Option<u8> {
        self.script.fired()
    }

    /// Waits until the armed fault happens.
    pub(crate) async fn until_fired(&self) {
        self.script.until_fired().await;
    }

    /// Waits until the connections through this proxy are closed at both ends.
    pub(crate) async fn until_unused(&self) {
        self.script.until_unused().await;
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, script: Arc<Script>) {
    while let Ok((client, _)) = listener.accept().await {
        let script = Arc::clone(&script);
        script.opened();
        tokio::spawn(async move {
            // How a connection ends is between the client and the server.
            let _ended = link::relay(client, &script).await;
            script.closed();
        });
    }
}
