//! A complete chat server: `cargo run --example server`, then <http://127.0.0.1:3000>.
//!
//! Everything is in `scrollback.db` in the working folder, unless `DATABASE_URL` names another database.

use std::{error::Error, io, iter::successors, process::ExitCode};

use clap::Parser;
use scrollback_server::{Args, run};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

#[tokio::main]
async fn main() -> ExitCode {
    log();
    let Err(error) = run(Args::parse()).await else { return ExitCode::SUCCESS };
    tracing::error!("{}", sentence(&*error));
    ExitCode::FAILURE
}

/// On standard error, as much as `RUST_LOG` says.
fn log() {
    let wanted = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    tracing_subscriber::fmt()
        .with_env_filter(wanted.from_env_lossy())
        .with_writer(io::stderr)
        .with_target(false)
        .init();
}

/// The error and its causes, in one line.
fn sentence(error: &dyn Error) -> String {
    let causes = successors(Some(error), |error| (*error).source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}
