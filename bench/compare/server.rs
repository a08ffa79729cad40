//! The PostgreSQL server of this run, with the settings of one that keeps data.

use tokio_postgres::{Client, NoTls};

use crate::{cluster::Cluster, contender::Result};

pub(crate) struct Server {
    cluster: Cluster,
    /// For whatever is not measured.
    pub(crate) admin: Client,
}

/// Checkpoints come when they are asked for, between two measurements.
const SETTINGS: [&str; 4] = [
    "shared_buffers = '512MB'",
    "max_wal_size = '8GB'",
    "checkpoint_timeout = '1h'",
    "effective_cache_size = '2GB'",
];

const DURABLE: [&str; 2] = ["fsync = on", "synchronous_commit = on"];
const FAST: [&str; 2] = ["fsync = off", "synchronous_commit = off"];

impl Server {
    /// Starts one on a free port of the loopback; dropping it, or dying, removes it.
    pub(crate) async fn start(durable: bool) -> Result<Self> {
        let cluster = Cluster::start();
        let client = connect(&cluster.url()).await?;
        let durability = if durable { DURABLE } else { FAST };
        for setting in SETTINGS.iter().chain(&durability) {
            client.batch_execute(&format!("ALTER SYSTEM SET {setting}")).await?;
        }
        drop(client);
        cluster.restart_fast();
        let admin = connect(&cluster.url()).await?;
        Ok(Self { cluster, admin })
    }

    pub(crate) fn url(&self) -> String {
        self.cluster.url()
    }

    /// Another, empty database of the same server.
    pub(crate) async fn database(&self, name: &str) -> Result<String> {
        self.admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(self.url_of(name))
    }

    pub(crate) fn url_of(&self, database: &str) -> String {
        self.cluster.url_for(database)
    }

    /// What the server says of itself.
    pub(crate) async fn settings(&self) -> Result<Vec<(String, String)>> {
        let shown = "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY($1)";
        let names = [
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "shared_buffers",
            "max_wal_size",
            "jit",
            "autovacuum",
        ];
        let rows = self.admin.query(shown, &[&&names[..]]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    pub(crate) async fn checkpoint(&self) -> Result<()> {
        Ok(self.admin.batch_execute("CHECKPOINT").await?)
    }
}

/// One connection, driven by a task of its own.
pub(crate) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // It ends with the client, or with an error that the client's next call reports.
    tokio::spawn(connection);
    Ok(client)
}
