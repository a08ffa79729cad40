//! Has tests run, and judges what they have written down.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use scrollback_proof::{Report, has_passed, read, run, skip};

/// Has tests run, and judges what they have written down.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a command that runs tests; exit status 1 when one fails.
    Run {
        /// Where the count goes.
        entries: PathBuf,
        /// What is run, for the report.
        #[arg(long)]
        what: String,
        /// The row that the run as a whole is evidence for.
        #[arg(long)]
        row: Option<String>,
        /// The command.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// Whether a run has passed already; exit status 1 when it has not.
    Passed {
        /// Where its count would be.
        entries: PathBuf,
    },
    /// Says that a run is left out, and why.
    Skip {
        /// Where that goes.
        entries: PathBuf,
        /// What is left out, for the report.
        #[arg(long)]
        what: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Judges the evidence; exit status 1 when a promise is open or failed, or a run failed.
    Judge {
        /// Where the evidence is.
        #[arg(required = true)]
        entries: Vec<PathBuf>,
        /// Where the report goes, as Markdown.
        #[arg(long)]
        markdown: Option<PathBuf>,
        /// Where the report goes, as JSON.
        #[arg(long)]
        json: Option<PathBuf>,
    },
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let holds = match Arguments::parse().command {
        Command::Run { entries, what, row, command } => {
            run(&entries, &what, row.as_deref(), &command)?
        }
        Command::Passed { entries } => has_passed(&entries)?,
        Command::Skip { entries, what, reason } => {
            skip(&entries, &what, &reason);
            true
        }
        Command::Judge { entries, markdown, json } => {
            judge(&entries, markdown.as_deref(), json.as_deref())?
        }
    };
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stdout, reason = "a program's output")]
fn judge(
    entries: &[PathBuf],
    markdown: Option<&Path>,
    json: Option<&Path>,
) -> Result<bool, Box<dyn Error>> {
    let report = Report::new(&read(entries)?);
    if let Some(path) = json {
        fs::write(path, serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(path) = markdown {
        fs::write(path, report.to_string())?;
    }
    println!("{}", report.in_short());
    Ok(report.holds())
}
