//! A PgBouncer between the tests and their server, for as long as a test holds it.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    thread,
};

use crate::{folder::Folder, support::cluster};

/// Ends PgBouncer when the pipe closes, however the tests end.
///
/// Newer ones answer a milder signal by waiting until their clients are gone.
const KEEP: &str = r#""$@" & cat >/dev/null; kill -KILL "$!"; wait "$!""#;

/// Another program may take the port between our asking for a free one and PgBouncer's binding it.
const ATTEMPTS: u32 = 5;

pub(crate) struct PgBouncer {
    keeper: Child,
    /// Holds the settings.
    _folder: Folder,
    port: u16,
}

impl PgBouncer {
    /// Starts one before the shared server; `mode` is `session`, `transaction` or `statement`.
    pub(crate) fn start(mode: &str) -> Self {
        (0..ATTEMPTS)
            .find_map(|_| Self::spawn(mode))
            .expect("PgBouncer starts, unless its settings are wrong")
    }

    fn spawn(mode: &str) -> Option<Self> {
        let port = free_port();
        let folder = Folder::create();
        let settings = folder.path().join("pgbouncer.ini");
        fs::write(&settings, ini(mode, port)).expect("the temporary folder can be written");
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEP, "sh"]).arg(program());
        if runs_as_root() {
            keeper.arg("--user=nobody");
        }
        keeper.arg(&settings).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut keeper = keeper.spawn().expect("`sh` is on the PATH");
        let log = keeper.stderr.take().expect("its log was asked for");
        let bouncer = Self { keeper, _folder: folder, port };
        says_it_is_up(log).then_some(bouncer)
    }

    /// A URL of the server's first database, through the pooler.
    pub(crate) fn url(&self) -> String {
        format!("postgres://anyone@127.0.0.1:{}/postgres", self.port)
    }

    /// Major and minor version of the program.
    pub(crate) fn version() -> (u32, u32) {
        let output = Command::new(program()).arg("--version").output().expect("it can be run");
        let text = String::from_utf8(output.stdout).expect("it answers in ASCII");
        let version = text.split_whitespace().nth(1).expect("`PgBouncer 1.18.0`");
        let mut parts = version.split('.').map(|part| part.parse().expect("a version has numbers"));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
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
    // Older ones do not start with a setting they do not know.
    let statements =
        if PgBouncer::version() >= (1, 21) { "max_prepared_statements = 100\n" } else { "" };
    format!(
        "[databases]\n\
         postgres = host={host} port={server_port} dbname={database} user={user} password={password}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = {mode}\ndefault_pool_size = 8\n{statements}"
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

/// PgBouncer refuses to run as root.
fn runs_as_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
