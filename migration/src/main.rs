//! Creates, checks, prints and drops the tables of scrollback from the command line.

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("the binary needs a database: enable the feature `postgres` or `sqlite`");

mod cli;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (code, text) = match cli::run(env::args_os().skip(1), env::var("DATABASE_URL").ok()).await {
        Ok(report) => {
            let printed = io::stdout().write_all(report.text.as_bytes());
            return ExitCode::from(u8::from(printed.is_err() || !report.is_good));
        }
        Err(cli::Failure::Usage(text)) => (2, format!("{text}\nTry --help.")),
        Err(cli::Failure::Failed(text)) => (1, text),
    };
    // With standard error gone as well there is nobody left to tell.
    let _ = writeln!(io::stderr(), "scrollback-migration: {text}");
    ExitCode::from(code)
}
