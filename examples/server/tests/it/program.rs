//! The server, as a process of a test's own.

use std::{
    env::{self, consts::EXE_SUFFIX},
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{Command as Plain, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    task,
    time::timeout,
};

/// A test that waits longer than this has found something.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server on a port of its own; dropping it kills it.
pub(crate) struct Program {
    process: Child,
    address: String,
    log: PathBuf,
}

impl Program {
    /// With its database, its secret and its log in `folder`.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_with(folder, |command| command).await
    }

    /// The same with more arguments or another environment.
    pub(crate) async fn start_with(
        folder: &Path,
        set: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        Self::start_at(folder, 0, set).await
    }

    /// The same on this port, such as that of the one before; 0 takes any.
    pub(crate) async fn start_at(
        folder: &Path,
        port: u16,
        set: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        let log = folder.join("server.log");
        let mut command = command(folder, &log);
        let command = set(command.args(["--port", &port.to_string()]));
        let mut process = command.spawn().expect("the program starts");
        let told = process.stdout.take().expect("standard output is piped");
        let mut first = String::new();
        let read = timeout(PATIENCE, BufReader::new(told).read_line(&mut first)).await;
        read.expect("it says where it listens, or ends").expect("it writes UTF-8");
        let address = first.trim_end().strip_prefix("Listening on http://");
        let address = address.unwrap_or_else(|| panic!("{first}{}", read_log(&log))).to_owned();
        Self { process, address, log }
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// All that it has logged, and those before it in the same folder.
    pub(crate) fn log(&self) -> String {
        read_log(&self.log)
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        let id = self.process.id().expect("it runs").to_string();
        let sent = Plain::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("there is kill(1)").success());
    }

    /// Waits until nobody listens on its port.
    pub(crate) async fn closed(&self) {
        let closed = async { while TcpStream::connect(&self.address).await.is_ok() {} };
        timeout(PATIENCE, closed).await.expect("it stops listening");
    }

    /// Waits until it has logged this.
    pub(crate) async fn logged(&self, text: &str) {
        let logged = async {
            while !self.log().contains(text) {
                task::yield_now().await;
            }
        };
        timeout(PATIENCE, logged).await.unwrap_or_else(|_| panic!("{text}\n{}", self.log()));
    }

    /// Waits until it has ended by itself, in good order.
    pub(crate) async fn ended(mut self) {
        let ended = timeout(PATIENCE, self.process.wait()).await;
        let status = ended.expect("it ends").expect("it can be waited for");
        assert!(status.success(), "{status}\n{}", self.log());
    }

    /// As whoever runs it stops it.
    pub(crate) async fn stop(self) {
        self.ask_to_stop();
        self.ended().await;
    }

    /// SIGKILL: it is told nothing.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.expect("it runs");
    }
}

/// What the program says when it is to fail at once.
pub(crate) async fn failure(folder: &Path, arguments: &[&str]) -> String {
    let log = folder.join("server.log");
    let ended = timeout(PATIENCE, command(folder, &log).args(arguments).status()).await;
    assert!(!ended.expect("it ends").expect("the program starts").success());
    read_log(&log)
}

fn read_log(log: &Path) -> String {
    fs::read_to_string(log).expect("the program logs in UTF-8")
}

fn command(folder: &Path, log: &Path) -> Command {
    let log = OpenOptions::new().create(true).append(true).open(log);
    let mut command = Command::new(program());
    command.current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log.expect("the folder is ours"));
    for inherited in ["BOT_KEY", "COOKIE_SECRET", "DATABASE_URL", "RUST_LOG"] {
        command.env_remove(inherited);
    }
    // No proxy leads to the endpoints of the tests.
    command
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .env_remove("SCROLLBACK_TEST_DATABASE_URL");
    command
}

/// The tests are target/<profile>/deps/it-<hash>.
fn program() -> PathBuf {
    let tests = env::current_exe().expect("a process knows its program");
    let programs = tests.parent().and_then(Path::parent).expect("there is a target folder");
    let program = programs.join("examples").join(format!("server{EXE_SUFFIX}"));
    assert!(
        program.is_file(),
        "the server is not built: run `cargo test -p scrollback-server`, or `cargo build --example server` before"
    );
    program
}
