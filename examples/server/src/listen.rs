//! Connections: taken, bounded, and ended in good order.

use std::{io, pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// How long the head of a request may take; a connection on which none comes is closed after it.
const HEAD: Duration = Duration::from_secs(15);

/// Twice as much as `scrollback::http` takes, so that what is a little too much is told so.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// How long to wait when no connection can be taken: out of file descriptors, most likely.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, closes the listener, and returns the connections that are still open.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()>,
) -> GracefulShutdown {
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => return connections,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => answer(stream, &app, &connections),
            Err(error) => recover(&error).await,
        }
    }
}

/// Answers what comes over `stream` in a task of its own.
fn answer(stream: TcpStream, app: &Router, connections: &GracefulShutdown) {
    // The parts of a reply are small and must not wait for each other; it works without.
    stream.set_nodelay(true).ok();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app.clone()));
    // How a connection ends is between its client and the network.
    tokio::spawn(connections.watch(connection));
}

async fn recover(error: &io::Error) {
    let gone = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !gone.contains(&error.kind()) {
        tracing::warn!(%error, "no connection could be taken");
        sleep(PAUSE).await;
    }
}
