//! The process that outlives a killed test and removes its server.

use std::{
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::hardware::Hardware;

/// Another program may take the port between our asking for a free one and PostgreSQL's binding it.
const ATTEMPTS: usize = 5;

/// A mount that only the keeper and its server see goes when the last of them ends.
const APART: &str = r#"exec 2>&1 unshare --mount -- sh "$@""#;

/// Holds the pipe on which the server's life hangs.
pub(super) struct Keeper {
    process: Child,
    /// None only while dropping.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// A running server and its URL.
    pub(super) fn start(programs: &Path, hardware: &Hardware) -> (Self, String) {
        let password = random_password();
        let (keeper, port) = Self::start_with(programs, &password, "", hardware);
        (keeper, format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"))
    }

    /// A running server and its port: a standby where the port of a primary is given.
    pub(super) fn start_with(
        programs: &Path,
        password: &str,
        primary: &str,
        hardware: &Hardware,
    ) -> (Self, u16) {
        let mut report = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port();
            let mut keeper = Self::spawn(programs, port, password, primary, hardware);
            match keeper.ready() {
                Ok(()) => return (keeper, port),
                Err(text) => report = text,
            }
        }
        panic!("PostgreSQL from {} did not start:\n{report}", programs.display());
    }

    fn spawn(
        programs: &Path,
        port: u16,
        password: &str,
        primary: &str,
        hardware: &Hardware,
    ) -> Self {
        let mut process = Command::new("sh");
        if hardware.has_disk() {
            process.args(["-c", APART, "sh"]);
        }
        let mut process = process
            .args(["-c", include_str!("keep.sh"), "keep.sh"])
            .arg(programs)
            .arg(port.to_string())
            .arg(primary)
            .args(hardware.arguments())
            .env("PGPASSWORD", password)
            // Ctrl-C and a test runner's timeout reach the group of the tests, not this one.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`sh` is on the PATH");
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("standard output is piped"));
        Self { process, orders, answers }
    }

    /// Waits until the server accepts connections; otherwise what was printed instead.
    fn ready(&mut self) -> Result<(), String> {
        let mut first = String::new();
        self.answers.read_line(&mut first).expect("the keeper answers in UTF-8");
        if first == "ready\n" {
            return Ok(());
        }
        self.answers.read_to_string(&mut first).expect("the keeper answers in UTF-8");
        Err(first)
    }

    /// Has an order carried out.
    pub(super) fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("the pipe is open until the drop");
        writeln!(orders, "{order}").expect("the keeper listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the keeper answers in UTF-8");
        if answer != "done\n" {
            let _ = self.answers.read_to_string(&mut answer);
            panic!("the server did not {order}:\n{answer}");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        // It ends by itself, having stopped the server; an error would only repeat its own report.
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// 128 bits from the system, by the only way the standard library offers.
fn random_password() -> String {
    let half = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", half(), half())
}
