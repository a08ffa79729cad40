//! A chat server on axum, before and after: `cargo run --example embed_axum --features http`.
//!
//! `before.rs` keeps its sessions in a dictionary, with the handlers in `handlers.rs`. `after.rs` nests the
//! library's router instead, and `handlers.rs` goes. What the server has beside that, in `host.rs`,
//! stays, and so do its clients. `-- before` runs the old one.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

mod after;
mod before;
mod handlers;
mod host;

use std::{error::Error, net::Ipv4Addr, sync::Arc};

use clap::{Parser, ValueEnum};
use scrollback::{SeaOrmStore, Users};
use tokio::net::TcpListener;

/// A chat server, before and after.
#[derive(Parser)]
struct Args {
    /// Which of the two
    #[arg(value_enum, default_value = "after")]
    version: Version,

    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// Where the new one keeps the history: a sqlite:// or postgres:// URL
    #[arg(long, default_value = "sqlite://embed_axum.db")]
    database_url: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    Before,
    After,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Args { version, port, database_url } = Args::parse();
    let server = match version {
        Version::Before => before::server(),
        Version::After => after::server(Arc::new(open(&database_url).await?)),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}", listener.local_addr()?);
    axum::serve(listener, server).await?;
    Ok(())
}

/// The tables anchor no owner: the server's users are where they have always been.
async fn open(database_url: &str) -> Result<SeaOrmStore, Box<dyn Error>> {
    let store = SeaOrmStore::connect(database_url).await?;
    store.migrate(&Users::Unchecked).await?;
    Ok(store)
}
