//! What other programs say.

use std::process::Command;

/// The commit that is checked out, marked when files have been changed since.
pub(crate) fn commit() -> String {
    output("git", &["describe", "--always", "--dirty", "--exclude=*"])
}

/// What the program prints, or `unknown`.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
