//! A proxy in front of PostgreSQL that writes down what clients send.
//!
//! Frames are those of the PostgreSQL manual, "Frontend/Backend Protocol": after the start-up
//! packets a type byte, a length that counts itself, and the body.

mod frame;

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::Cluster;
use frame::{Client, Log, Traffic};

/// A listening proxy; it ends with the test's runtime or when dropped.
///
/// Count with a pool of one connection: a call right after another finds the connection not yet
/// handed back, and a larger pool opens a second one, on which every statement is prepared anew.
pub(crate) struct Wire {
    url: String,
    log: Arc<Log>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// Listens on a free port in front of `cluster`.
    pub(crate) async fn start(cluster: &Cluster) -> Self {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let log = Arc::new(Mutex::new(Vec::new()));
        let accepting = tokio::spawn(accept(listener, cluster.address().into(), Arc::clone(&log)));
        Self { url: cluster.url_at(&address), log, accepting }
    }

    /// The URL that leads through this proxy.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Now; to be handed to [`since`](Self::since) after the calls that are to be counted.
    pub(crate) fn now(&self) -> usize {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What clients have sent since `then`.
    pub(crate) fn since(&self, then: usize) -> Traffic {
        Traffic::new(&self.log.lock().unwrap_or_else(PoisonError::into_inner)[then..])
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: Arc<str>, log: Arc<Log>) {
    for number in 0.. {
        let Ok((client, _)) = listener.accept().await else { return };
        // How a connection ends is between the client and the server.
        tokio::spawn(relay(client, Arc::clone(&server), Client::new(number, Arc::clone(&log))));
    }
}

async fn relay(mut client: TcpStream, server: Arc<str>, mut seen: Client) -> io::Result<()> {
    let mut server = TcpStream::connect(&*server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    server.write_all(&read_start_up(&mut client).await?).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    tokio::select! {
        ended = copy(&mut from_server, &mut to_client) => ended.map(drop),
        ended = async {
            loop {
                let frame = read_frame(&mut from_client).await?;
                // First written down, then sent: whoever has the answer finds the frame in the log.
                seen.sends(&frame);
                to_server.write_all(&frame).await?;
            }
        } => ended,
    }
}

/// The start-up message (or a request to cancel). Requests to encrypt are refused before, because what
/// is encrypted cannot be read.
pub(super) async fn read_start_up(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    const SSL_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();
    const GSS_REQUEST: [u8; 4] = 80_877_104_u32.to_be_bytes();
    loop {
        let mut packet = vec![0; 4];
        read_body(client, &mut packet).await?;
        if packet[4..].starts_with(&SSL_REQUEST) || packet[4..].starts_with(&GSS_REQUEST) {
            client.write_all(b"N").await?;
        } else {
            return Ok(packet);
        }
    }
}

/// The next frame of either side: its type, its length and its body.
pub(super) async fn read_frame(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 5];
    from.read_exact(&mut frame[..1]).await?;
    read_body(from, &mut frame).await?;
    Ok(frame)
}

/// Reads the length into the last four bytes of `head`, and appends the body.
async fn read_body(client: &mut (impl AsyncReadExt + Unpin), head: &mut Vec<u8>) -> io::Result<()> {
    let start = head.len() - 4;
    client.read_exact(&mut head[start..]).await?;
    let length = u32::from_be_bytes(std::array::from_fn(|i| head[start + i])) as usize;
    head.resize(start + length.max(4), 0);
    client.read_exact(&mut head[start + 4..]).await.map(drop)
}
