//! A way to the server that goes to sleep when nobody needs it, as Neon's does: its connections are
//! closed, and whoever comes first waits until it is up.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};

use crate::support::Cluster;

/// How long it takes to wake up: of the order of Neon's.
pub(super) const COLD_START: Duration = Duration::from_millis(500);

/// What a client meets before it is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asleep {
    /// A connection is accepted, and served later.
    Holds,
    /// Nobody listens.
    Refuses,
}

impl Asleep {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds connections until then",
            Self::Refuses => "refuses connections until then",
        }
    }
}

pub(super) struct Sleeper {
    address: SocketAddr,
    upstream: String,
    url: String,
    serving: JoinHandle<()>,
}

impl Sleeper {
    /// One that is awake.
    pub(super) async fn before(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = cluster.address().to_owned();
        let serving = tokio::spawn(serve(listener, upstream.clone(), Instant::now()));
        Self { address, upstream, url: cluster.url_at(&address.to_string()), serving }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Closes all connections; it is up again after [`COLD_START`].
    pub(super) async fn sleep(&mut self, asleep: Asleep) {
        self.serving.abort();
        let _cancelled = (&mut self.serving).await;
        let (address, upstream) = (self.address, self.upstream.clone());
        let up = Instant::now() + COLD_START;
        let listener = match asleep {
            Asleep::Refuses => None,
            Asleep::Holds => Some(TcpListener::bind(address).await.unwrap()),
        };
        self.serving = tokio::spawn(async move {
            let listener = match listener {
                Some(listener) => listener,
                None => {
                    sleep_until(up).await;
                    TcpListener::bind(address).await.unwrap()
                }
            };
            serve(listener, upstream, up).await;
        });
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The connections end with this.
async fn serve(listener: TcpListener, upstream: String, up: Instant) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(relay(client, upstream.clone(), up));
    }
}

async fn relay(mut client: TcpStream, upstream: String, up: Instant) {
    sleep_until(up).await;
    if let Ok(mut server) = TcpStream::connect(upstream).await {
        // How a connection ends is between the client and the server.
        let _ended = copy_bidirectional(&mut client, &mut server).await;
    }
}
