//! The examples, run as a person runs them.

mod chat;
mod import;
mod others;
mod postgres;

use std::{
    env::{self, consts::EXE_SUFFIX},
    io::Write,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// The program of an example, to be run in `folder` with pipes on all sides.
pub(crate) fn example(name: &str, folder: &Path) -> Command {
    // The tests are target/<profile>/deps/it-<hash>.
    let tests = env::current_exe().unwrap();
    let programs = tests.parent().and_then(Path::parent).unwrap().join("examples");
    let program = programs.join(format!("{name}{EXE_SUFFIX}"));
    assert!(
        program.is_file(),
        "the example {name} is not built: run `cargo test`, or `cargo build --examples` before"
    );
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs to the end and returns whether it succeeded, what it printed, and its errors.
fn run(command: &mut Command, input: &[u8]) -> (bool, String, String) {
    let mut child = command.spawn().unwrap();
    say(&mut child, input);
    told(child.wait_with_output().unwrap())
}

fn say(child: &mut Child, input: &[u8]) {
    child.stdin.as_mut().unwrap().write_all(input).unwrap();
}

fn told(output: Output) -> (bool, String, String) {
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), out, err)
}
