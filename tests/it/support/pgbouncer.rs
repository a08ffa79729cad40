//! A PgBouncer between the tests and their server, for as long as a test holds it.
//!
//! The tests of the migrations include it by `#[path]`, as they do the cluster.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    thread,
};

use tempfile::TempDir;

use super::cluster::cluster;

/// Ends PgBouncer when the pipe closes, however the tests end.
///
/// Newer ones answer a milder signal by waiting until their clients are gone.
const KEEP: &str = r#""$@" & cat >/dev/null; kill -KILL "$!"; wait "$!""#;

/// Another program may take the port between our asking for a free one and PgBouncer's binding it.
const ATTEMPTS: u32 = 5;

/// The first that keeps prepared statements apart in transaction mode.
const KEEPS_APART: (u32, u32) = (1, 21);

pub(crate) struct PgBouncer {
    keeper: Child,
    /// Holds the settings.
    _folder: TempDir,
    port: u16,
    version: String,
}

impl PgBouncer {
    /// Starts one before the shared server; `mode` is `session`, `transaction` or `statement`.
    ///
    /// It keeps no prepared statements apart, whatever its version.
    pub(crate) fn start(mode: &str) -> Self {
        Self::run(&program(), mode, 0)
    }

    /// Starts one for transaction pooling that keeps the prepared statements of its clients apart;
    /// otherwise why there is none.
    pub(crate) fn start_keeping_apart() -> Result<Self, String> {
        // Where `scripts/pgbouncer` puts one.
        let fetched =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/pgbouncer/pgbouncer"));
        let candidates = [program(), fetched];
        let program = candidates
            .iter()
            .find(|program| program.is_file() && version(program) >= KEEPS_APART)
            .ok_or_else(|| {
                let (major, minor) = version(&candidates[0]);
                format!(
                    "transaction pooling with prepared statements needs PgBouncer 1.21, here is \
                     {major}.{minor}: `scripts/pgbouncer` fetches a newer one"
                )
            })?;
        Ok(Self::run(program, "transaction", 100))
    }

    fn run(program: &Path, mode: &str, statements: u32) -> Self {
        (0..ATTEMPTS)
            .find_map(|_| Self::spawn(program, mode, statements))
            .expect("PgBouncer starts, unless its settings are wrong")
    }

    fn spawn(program: &Path, mode: &str, statements: u32) -> Option<Self> {
        let (port, (major, minor)) = (free_port(), version(program));
        let folder = tempfile::tempdir().expect("the folder for temporary files can be written");
        let settings = folder.path().join("pgbouncer.ini");
        let mut ini = ini(mode, port);
        // Older ones do not start with a setting they do not know.
        if (major, minor) >= KEEPS_APART {
            ini += &format!("max_prepared_statements = {statements}\n");
        }
        fs::write(&settings, ini).expect("the temporary folder can be written");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEP, "sh"]).arg(program);
        if runs_as_root() {
            keeper.arg("--user=nobody");
        }
        // Ctrl-C and a test runner's timeout reach the group of the tests, not this one.
        keeper.process_group(0);
        keeper.arg(&settings).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut keeper = keeper.spawn().expect("`sh` is on the PATH");
        let log = keeper.stderr.take().expect("its log was asked for");
        let bouncer = Self { keeper, _folder: folder, port, version: format!("{major}.{minor}") };
        says_it_is_up(log).then_some(bouncer)
    }

    /// A URL of the server's first database, through the pooler.
    pub(crate) fn url(&self) -> String {
        self.url_for("postgres")
    }

    /// A URL of a database of the server's, through the pooler.
    pub(crate) fn url_for(&self, database: &str) -> String {
        format!("postgres://anyone@127.0.0.1:{}/{database}", self.port)
    }

    /// Its version: `1.18`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Whether PgBouncer says that it listens, and not that the port is taken.
fn says_it_is_up(log: ChildStderr) -> bool {
    let mut lines = BufReader::new(log).lines().map_while(Result::ok);
    let up = lines.find_map(|line| {
        let up = line.contains("process up");
        (up || line.contains("FATAL")).then_some(up)
    });
    // It would wait for a reader when the pipe is full.
    thread::spawn(move || lines.for_each(drop));
    up.unwrap_or(false)
}

fn ini(mode: &str, port: u16) -> String {
    let server = cluster().url();
    let (login, rest) = server
        .strip_prefix("postgres://")
        .and_then(|url| url.rsplit_once('@'))
        .expect("the tests' server has a user in its URL");
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let database = rest.split_once('/').map_or("postgres", |(_, database)| database);
    let (host, server_port) = cluster().address().rsplit_once(':').expect("an address has a port");
    let server = format!("host={host} port={server_port} user={user} password={password}");
    format!(
        "[databases]\n\
         postgres = {server} dbname={database}\n\
         * = {server}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = {mode}\ndefault_pool_size = 16\n"
    )
}

/// `PGBOUNCER`, else the first on the `PATH`, else where Debian puts it for root.
fn program() -> PathBuf {
    if let Some(program) = env::var_os("PGBOUNCER") {
        return program.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
        .expect("the tests need PgBouncer: `apt-get install pgbouncer`")
}

/// Major and minor version of a program.
fn version(program: &Path) -> (u32, u32) {
    let output = Command::new(program).arg("--version").output().expect("PgBouncer can be run");
    let text = String::from_utf8(output.stdout).expect("it answers in ASCII");
    let version = text.split_whitespace().nth(1).expect("`PgBouncer 1.18.0`");
    let mut parts = version.split('.').map(|part| part.parse().expect("a version has numbers"));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// PgBouncer refuses to run as root.
fn runs_as_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
