//! The server as its users run it, with a folder of its own.

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use scrollback::SeaOrmStore;
use tempfile::TempDir;

/// A server, which may be down.
pub(super) struct Site {
    folder: TempDir,
    arguments: Vec<String>,
    port: u16,
    process: Option<Child>,
}

/// How much of the server's log is shown when a test fails.
const LAST_LINES: usize = 20;

const LISTENING: &str = "Listening on http://127.0.0.1:";

impl Site {
    pub(super) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(super) fn start_with(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut site = Self { folder, arguments, port: 0, process: None };
        site.start_again();
        site
    }

    /// Starts it where it was.
    pub(super) fn start_again(&mut self) {
        let mut process = Command::new(program())
            .args(["--port", &self.port.to_string(), "--database-url", &self.database()])
            .args(&self.arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(self.log()).unwrap())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(process.stdout.take().unwrap());
        self.process = Some(process);
        let mut first = String::new();
        told.read_line(&mut first).unwrap();
        let port = first.trim_end().strip_prefix(LISTENING).and_then(|port| port.parse().ok());
        self.port = port.unwrap_or_else(|| panic!("the server does not start: {first:?}"));
    }

    /// Ends it as a crash does.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What the server has stored, past the server.
    pub(super) async fn store(&self) -> SeaOrmStore {
        SeaOrmStore::connect(&self.database()).await.unwrap()
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("chat.db").display())
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Site {
    #[expect(clippy::print_stderr, reason = "for whoever reads why a test failed")]
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            let last = log.lines().rev().take(LAST_LINES).collect::<Vec<_>>();
            eprintln!("the server's log, the latest first:\n{}", last.join("\n"));
        }
    }
}

fn program() -> PathBuf {
    // The tests are target/<profile>/deps/it-<hash>.
    let tests = env::current_exe().unwrap();
    let programs = tests.parent().and_then(Path::parent).unwrap().join("examples");
    let program = programs.join(format!("server{EXE_SUFFIX}"));
    assert!(
        program.is_file(),
        "the server is not built: run `cargo test`, or `cargo build --examples`"
    );
    program
}
