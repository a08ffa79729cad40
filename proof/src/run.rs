//! Running the tests, and counting them.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use crate::{
    entry::{Entry, read},
    shell::commit,
};

/// Runs a command that runs tests, shows what it prints, and writes down how many of them passed;
/// whether it succeeded.
///
/// With a `row`, the run as a whole is evidence for that row. What its tests have to say goes where
/// `SCROLLBACK_PROOF` says, as ever.
///
/// # Errors
///
/// When the command cannot be started.
///
/// # Panics
///
/// When `entries` cannot be written.
pub fn run(entries: &Path, what: &str, row: Option<&str>, command: &[String]) -> io::Result<bool> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // Before the tests are built from it: what changes meanwhile was not tested.
    let commit = commit();
    let started = Instant::now();
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?;
    let (passed, failed) = count(&mut child)?;
    let success = child.wait()?.success();

    let (what, row) = (what.to_owned(), row.map(str::to_owned));
    let minutes = started.elapsed().as_secs().div_ceil(60);
    Entry::Run { what, commit, row, passed, failed, minutes, success }.write_to(entries);
    Ok(success)
}

/// Whether the file holds a run that passed; a file that is missing holds none.
///
/// # Errors
///
/// When the file holds something else.
pub fn has_passed(entries: &Path) -> io::Result<bool> {
    if !entries.exists() {
        return Ok(false);
    }
    let passed = |entry: &Entry| matches!(entry, Entry::Run { success: true, .. });
    Ok(read(&[entries.to_owned()])?.iter().any(passed))
}

/// Writes down that a run was left out.
///
/// # Panics
///
/// When `entries` cannot be written.
pub fn skip(entries: &Path, what: &str, reason: &str) {
    Entry::Skipped { what: what.to_owned(), reason: reason.to_owned() }.write_to(entries);
}

/// Passes on what is printed; how many tests passed and failed by it.
fn count(child: &mut Child) -> io::Result<(u64, u64)> {
    let output = child.stdout.take().expect("its output was asked for");
    let (mut passed, mut failed) = (0, 0);
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(io::stdout(), "{line}")?;
        passed += number_before(&line, " passed");
        failed += number_before(&line, " failed");
    }
    Ok((passed, failed))
}

/// `3` for `test result: ok. 3 passed; 0 failed; …`.
fn number_before(line: &str, word: &str) -> u64 {
    let result = line.strip_prefix("test result: ").and_then(|line| line.split_once(word));
    let number = result.and_then(|(before, _)| before.rsplit(' ').next()?.parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_and_other_lines_are_not() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured";

        assert_eq!((number_before(line, " passed"), number_before(line, " failed")), (12, 3));
        assert_eq!(number_before("99 passed", " passed"), 0);
    }

    #[test]
    fn only_a_run_that_passed_has_passed() {
        let folder = tempfile::tempdir().unwrap();
        let entries = folder.path().join("entries.jsonl");
        let ran = |status: &str| run(&entries, status, None, &["sh", "-c", status].map(Into::into));

        assert!(!has_passed(&entries).unwrap(), "nothing was run");
        assert!(!ran("exit 1").unwrap());
        assert!(!has_passed(&entries).unwrap());
        assert!(ran("exit 0").unwrap());
        assert!(has_passed(&entries).unwrap());
    }
}
