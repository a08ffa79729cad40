//! Judges what a run of the tests has written down.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use scrollback_proof::{Form, Report, read};

/// Judges what a run of the tests has written down; exit status 1 when a promise is open or failed.
#[derive(Parser)]
struct Arguments {
    /// The file that `SCROLLBACK_PROOF` named during the run.
    entries: PathBuf,
    /// Whether the run was the long form.
    #[arg(long)]
    long: bool,
    /// The exit status of the run.
    #[arg(long, default_value_t = 0)]
    status: u8,
    /// Where the report goes, as Markdown.
    #[arg(long)]
    markdown: Option<PathBuf>,
    /// Where the report goes, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[expect(clippy::print_stdout, reason = "a program's output")]
fn main() -> Result<ExitCode, Box<dyn Error>> {
    let Arguments { entries, long, status, markdown, json } = Arguments::parse();
    let form = if long { Form::Long } else { Form::Quick };

    let report = Report::new(&read(&entries)?, form, status == 0);

    save(json.as_deref(), || Ok(serde_json::to_string_pretty(&report)?))?;
    save(markdown.as_deref(), || Ok(report.to_string()))?;
    println!("{}", report.in_short());
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn save(
    path: Option<&Path>,
    text: impl FnOnce() -> Result<String, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    path.map_or(Ok(()), |path| Ok(fs::write(path, text()?)?))
}
