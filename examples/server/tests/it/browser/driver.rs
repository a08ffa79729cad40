//! The driver of the browsers: one for all tests, which ends with them.

use std::{
    env,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// The process that drives browsers.
pub(super) struct Driver {
    pub(super) port: u16,
    pub(super) browser: PathBuf,
    /// When the tests end, however they do, its standard input closes, and the driver goes.
    _keeper: Child,
}

/// Debian's headless shell is the same browser without its windows, and starts in a quarter of the time.
const BROWSERS: [&str; 4] = [SHELL, "chromium", "chromium-browser", "google-chrome"];

const SHELL: &str = "chromium-headless-shell";

impl Driver {
    /// What the driver takes the browser for.
    pub(super) fn browser_name(&self) -> &'static str {
        if self.browser.ends_with(SHELL) { "chrome-headless-shell" } else { "chrome" }
    }
}

/// Runs a program for as long as standard input stays open.
const KEEP: &str = r#""$@" </dev/null & trap "kill $!" EXIT; cat >/dev/null"#;

const STARTED: &str = "was started successfully on port ";

/// The one driver.
pub(super) fn driver() -> &'static Driver {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    DRIVER.get_or_init(start)
}

fn start() -> Driver {
    let driver = program("CHROMEDRIVER", &["chromedriver"]);
    let browser = program("CHROMIUM", &BROWSERS);
    let mut process = Command::new("sh")
        .args(["-c", KEEP, "sh"])
        .arg(&driver)
        .arg("--port=0")
        // Ctrl-C reaches the group of the tests; what is in this one goes by the closed pipe.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("`sh` is on the PATH");
    let told = BufReader::new(process.stdout.take().expect("standard output is piped"));
    let mut told = told.lines().map_while(Result::ok);
    let line = told.find(|line| line.contains(STARTED));
    let line = line.unwrap_or_else(|| panic!("{} does not start", driver.display()));
    let (_, port) = line.split_once(STARTED).expect("the line was found by it");
    let port = port.trim_end_matches('.').parse().expect("the driver says its port");
    Driver { port, browser, _keeper: process }
}

/// What the variable names, or the first of these programs on the `PATH`.
fn program(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(path) = env::var_os(variable) {
        return path.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).collect::<Vec<_>>();
    let mut candidates = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    candidates.find(|candidate| candidate.is_file()).unwrap_or_else(|| {
        panic!(
            "there is no {}: install Debian's packages chromium and chromium-driver (scripts/setup \
             does), or set {variable}",
            names[0]
        )
    })
}
