//! One connection through the proxy.

use std::{
    future::pending,
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio::{
    io::{AsyncWriteExt, copy, sink},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
};

use super::script::{Script, Sender, Step};
use crate::support::wire::{read_frame, read_start_up};

/// Passes frames on until the server has closed its end.
pub(super) async fn relay(mut client: TcpStream, script: &Script) -> io::Result<()> {
    client.set_nodelay(true)?;
    let Some(upstream) = script.upstream() else {
        return copy(&mut client, &mut sink()).await.map(drop);
    };
    let start = read_start_up(&mut client).await?;
    let mut server = TcpStream::connect(upstream).await?;
    server.set_nodelay(true)?;
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    let link = Link {
        script,
        silent: AtomicBool::new(false),
        lost: AtomicBool::new(false),
        pinged: AtomicBool::new(false),
    };
    tokio::select! {
        ended = link.downwards(from_server, to_client) => ended,
        // The server learns that the client is gone, and ends the session.
        () = async { let _sent = link.upwards(start, from_client, to_server).await; pending().await } => Ok(()),
    }
}

struct Link<'a> {
    script: &'a Script,
    /// Whether nothing reaches the client any more.
    silent: AtomicBool,
    /// Whether nothing reaches the server any more.
    lost: AtomicBool,
    /// Whether the server owes the answer to a ping.
    pinged: AtomicBool,
}

impl Link<'_> {
    async fn upwards(
        &self,
        start: Vec<u8>,
        mut client: ReadHalf<'_>,
        mut server: WriteHalf<'_>,
    ) -> io::Result<()> {
        let sent = self.send(start, &mut client, &mut server).await;
        server.shutdown().await?;
        sent
    }

    async fn send(
        &self,
        start: Vec<u8>,
        client: &mut ReadHalf<'_>,
        server: &mut WriteHalf<'_>,
    ) -> io::Result<()> {
        let (mut last, mut kind, mut frame) = (0, 0, start);
        loop {
            // A request without content: sqlx asks whether a connection that comes back still lives.
            let ping = kind == b'S' && matches!(last, b'S' | b'Q' | b'p');
            self.pinged.fetch_or(ping, Ordering::SeqCst);
            match self.step(Sender::Client, kind, ping) {
                Step::CutBefore => return Ok(()),
                Step::Reset => return client.as_ref().set_zero_linger(),
                Step::CutAfter => return server.write_all(&frame).await,
                Step::Swallow => {}
                step => {
                    if matches!(step, Step::Hold) {
                        self.script.until_released().await;
                    }
                    server.write_all(&frame).await?;
                }
            }
            frame = read_frame(client).await?;
            (last, kind) = (kind, frame[0]);
        }
    }

    async fn downwards(
        &self,
        mut server: ReadHalf<'_>,
        mut client: WriteHalf<'_>,
    ) -> io::Result<()> {
        while let Ok(mut frame) = read_frame(&mut server).await {
            if self.silent.load(Ordering::SeqCst) {
                continue;
            }
            let pong = frame[0] == b'Z' && self.pinged.swap(false, Ordering::SeqCst);
            match self.step(Sender::Server, frame[0], pong) {
                Step::Swallow => continue,
                Step::HalfClose => {
                    client.shutdown().await?;
                    continue;
                }
                Step::CutInside => return client.write_all(&frame[..frame.len() / 2]).await,
                Step::Shorten => drop(frame.pop()),
                Step::Flip(byte) => frame[byte] = !frame[byte],
                _ => {}
            }
            client.write_all(&frame).await?;
        }
        Ok(())
    }

    /// Pings are not counted: when they come is up to the pool.
    fn step(&self, sender: Sender, kind: u8, ping: bool) -> Step {
        let step = match (self.lost.load(Ordering::SeqCst), ping) {
            (true, _) => Step::Swallow,
            (false, true) => self.script.next_ping(),
            (false, false) => self.script.next(sender, kind),
        };
        if matches!(step, Step::Swallow) {
            self.lost.store(true, Ordering::SeqCst);
        }
        // Stored before the frame leaves: its answer cannot overtake it.
        if !matches!(step, Step::Pass | Step::Hold | Step::Shorten | Step::Flip(_)) {
            self.silent.store(true, Ordering::SeqCst);
        }
        step
    }
}
