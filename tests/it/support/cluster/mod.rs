//! A private PostgreSQL server for one run of the tests.
//!
//! Needs the standard library only, so that the tests of other crates of this workspace can
//! include it by `#[path]`.

mod hardware;
mod keeper;
mod programs;
mod standby;
mod url;

use std::{
    env,
    sync::{Mutex, OnceLock, PoisonError},
};

pub(crate) use hardware::Hardware;
use keeper::Keeper;
use url::Url;

/// A running PostgreSQL server, ours or the one that `SCROLLBACK_TEST_DATABASE_URL` names.
pub(crate) struct Cluster {
    url: Url,
    /// None for a server that was there before the tests.
    keeper: Option<Mutex<Keeper>>,
}

/// The server that all tests of this process share, started by the first who asks.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| match env::var("SCROLLBACK_TEST_DATABASE_URL") {
        Ok(url) => Cluster { url: Url::parse(&url), keeper: None },
        Err(_) => Cluster::start(),
    })
}

impl Cluster {
    /// Starts a server of the caller's own, to be stopped or broken; dropping it removes it.
    pub(crate) fn start() -> Self {
        Self::start_on(&Hardware::default())
    }

    /// The same on unusual hardware.
    pub(crate) fn start_on(hardware: &Hardware) -> Self {
        let (keeper, url) = Keeper::start(&programs::folder(), hardware);
        Self { url: Url::parse(&url), keeper: Some(Mutex::new(keeper)) }
    }

    /// The URL of the server's first database, with user and password.
    pub(crate) fn url(&self) -> String {
        self.url.to_string()
    }

    /// The URL of another database of the same server, which need not exist yet.
    pub(crate) fn url_for(&self, database: &str) -> String {
        self.url.with_database(database).to_string()
    }

    /// Where the server listens: `host:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.address()
    }

    /// The same URL at another address, for what stands between a client and the server.
    pub(crate) fn url_at(&self, address: &str) -> String {
        self.url.with_address(address).to_string()
    }

    /// The same URL for another role.
    pub(crate) fn url_as(&self, user: &str, password: &str) -> String {
        self.url.with_login(user, password).to_string()
    }

    /// Stops the server as a crash would: without a word to its clients.
    pub(crate) fn stop_immediate(&self) {
        self.order("stop");
    }

    /// Starts the server again, on the same port with the same data.
    pub(crate) fn restart(&self) {
        self.order("start");
    }

    /// Stops the server as an operator would, who waits for nobody, and starts it again.
    pub(crate) fn restart_fast(&self) {
        self.order("restart");
    }

    /// Kills all processes of the server at once.
    pub(crate) fn kill(&self) {
        self.order("kill");
    }

    /// Kills one process of the server, after which it stops the others and recovers.
    pub(crate) fn kill_one(&self, process: i32) {
        self.order(&format!("kill-one {process}"));
    }

    /// Starts a server again that may have ended by itself.
    pub(crate) fn revive(&self) {
        self.order("revive");
    }

    /// Makes the disk as large as this, if the server has one of its own.
    pub(crate) fn grow_disk(&self, megabytes: u64) {
        self.order(&format!("grow {}", hardware::size(megabytes)));
    }

    /// Sets the clock of a server whose clock can be set, to so many seconds from the true time.
    pub(crate) fn set_clock(&self, offset: i64) {
        self.order(&format!("clock {offset:+}"));
    }

    fn order(&self, order: &str) {
        let keeper = self.keeper.as_ref().expect("only a server of our own is stopped or started");
        keeper.lock().unwrap_or_else(PoisonError::into_inner).order(order);
    }
}
