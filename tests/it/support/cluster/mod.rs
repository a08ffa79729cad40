//! A private PostgreSQL server for one run of the tests.
//!
//! Needs the standard library only, so that the tests of other crates of this workspace can
//! include it by `#[path]`.

mod keeper;
mod programs;
mod standby;
mod url;

use std::{
    env,
    sync::{Mutex, OnceLock, PoisonError},
};

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
        let (keeper, url) = Keeper::start(&programs::folder());
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

    fn order(&self, order: &str) {
        let keeper = self.keeper.as_ref().expect("only a server of our own is stopped or started");
        keeper.lock().unwrap_or_else(PoisonError::into_inner).order(order);
    }
}
