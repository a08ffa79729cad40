//! The life of the server: open, serve, close.

use std::{io, sync::Arc, time::Duration};

use scrollback::{
    UserId,
    http::{Http, extracted},
};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    args::Args, bot, database, listen, metrics::Metrics, problem::CHALLENGE, router, secret,
    session::Sessions, shared::Shared, signed_in::SignedIn, stop::Stop,
};

/// Why the server did not start, or did not end well; its text is for whoever runs it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long requests and replies that are under way may take when the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Runs the server until it is told to stop.
///
/// Its first line on standard output says where it listens.
///
/// # Errors
///
/// When the database, the port or the bot cannot be used.
pub async fn run(args: Args) -> Result<(), Failure> {
    let metrics = Arc::new(Metrics::new());
    let bot = bot::chosen(&args, &metrics)?;
    let sessions = Sessions::new(secret::key(&args)?);
    let store = database::open(&args.database_url).await?;

    // This is all that it takes to serve the history: a store, a bot, and who is calling.
    let caller = extracted((), |SignedIn(user): SignedIn| UserId::new(user.id));
    let http = Http::new(Arc::new(store.clone()), caller)
        .with_bot(bot)
        .with_bot_timeout(Duration::from_secs(args.bot_timeout.get().into()))
        .with_challenge(CHALLENGE);

    let exchanges = http.exchanges();
    let shared = Shared {
        store: store.clone(),
        sessions,
        hosts: args.host,
        metrics,
        exchanges: exchanges.clone(),
    };
    let app = router::router(Arc::new(shared), http.router());
    let mut stop = Stop::new()?;
    let listener = bind(args.port).await?;
    announce(&listener)?;
    tracing::warn!(
        "signing in takes a name and nothing else: put your own authentication in its place"
    );

    let connections = listen::serve(listener, app, stop.asked()).await;
    tracing::info!("stopping: requests and replies under way may end");
    let ended = async {
        connections.shutdown().await;
        tracing::info!(replies = exchanges.under_way(), "every connection is closed");
        exchanges.finished().await;
    };
    tokio::select! {
        ended = timeout(GRACE, ended) => if ended.is_err() {
            tracing::warn!("stopped with requests or replies under way");
        },
        () = stop.asked() => tracing::warn!("stopped at once: it was asked for twice"),
    }
    // Leaves SQLite one whole file.
    Ok(store.close().await?)
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener
        .map_err(|error| io::Error::new(error.kind(), format!("127.0.0.1, port {port}: {error}")))
}

#[expect(clippy::print_stdout, reason = "it tells the terminal where to go")]
fn announce(listener: &TcpListener) -> io::Result<()> {
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(())
}
