//! A hot standby: a copy of a server that follows it, only reads, and may take its place.

use std::sync::Mutex;

use super::{Cluster, Hardware, Keeper, programs};

impl Cluster {
    /// Starts a standby of this server, which has the same users and passwords.
    pub(crate) fn start_standby(&self) -> Self {
        let programs = programs::folder();
        assert!(
            programs.join("pg_basebackup").is_file(),
            "a standby needs pg_basebackup, which {} lacks: `apt-get install postgresql-client`, or set \
             PG_BIN to a folder that has it beside initdb",
            programs.display()
        );
        let (_, port) = self.address().rsplit_once(':').expect("an address has a port");
        let password = self.url.password();
        let (keeper, own) = Keeper::start_with(&programs, password, port, &Hardware::default());
        let url = self.url.with_address(&format!("127.0.0.1:{own}"));
        Self { url, keeper: Some(Mutex::new(keeper)) }
    }

    /// Makes a standby a server of its own, which also writes.
    pub(crate) fn promote(&self) {
        self.order("promote");
    }
}
