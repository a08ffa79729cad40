//! PostgreSQL: the options a URL asks for, and a pool of them.
//!
//! The pool is built from sqlx directly. `sea_orm::Database::connect` puts the URL, password
//! included, into a span at level TRACE.

use std::{env, fs::File, io, time::Duration};

use sea_orm_migration::sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    },
};
use tokio::{
    net::lookup_host,
    time::{Instant, timeout, timeout_at},
};

use super::{
    ConnectError, Limits, Result,
    health::{Health, PING},
    url::{Parameters, invalid},
};
use crate::driver;

/// What the driver reads where the URL is silent.
const FILES: [(&str, &str); 3] =
    [("sslrootcert", "PGSSLROOTCERT"), ("sslcert", "PGSSLCERT"), ("sslkey", "PGSSLKEY")];

#[derive(Clone)]
pub(super) struct Server {
    pub(super) options: PgConnectOptions,
    /// The files of certificates and keys, each with the name of its parameter.
    files: Vec<(&'static str, String)>,
}

impl Server {
    pub(super) fn of(url: &str) -> Result<Self> {
        let Parameters { url, binds_channel, system_roots, files } = Parameters::of(url)?;
        let unnamed: PgConnectOptions = url.parse().map_err(|_| {
            invalid(
                "cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special \
                 characters of the password percent-encoded",
            )
        })?;
        let verified = binds_channel
            || system_roots
            || matches!(unnamed.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa);
        let options = if verified { unnamed.ssl_mode(PgSslMode::VerifyFull) } else { unnamed };
        let options = pooler_safe(without_brackets(named(options))).disable_statement_logging();
        Ok(Self { options, files })
    }

    /// Host and port, or the folder of the socket: what may be shown of the options.
    pub(super) fn address(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        match self.options.get_socket() {
            Some(socket) => format!("{}:{port}", socket.display()),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        }
    }

    fn unreachable(&self, cause: impl Into<std::borrow::Cow<'static, str>>) -> ConnectError {
        ConnectError::Unreachable { address: self.address().into(), cause: cause.into() }
    }

    /// Opens one connection by itself, because a pool hides why it cannot: it tries a refused one
    /// again until it has no time left, and then says that it timed out.
    async fn greet(&self, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        self.check_files()?;
        self.look_up(deadline).await?;
        match timeout_at(deadline, PgConnection::connect_with(&self.options)).await {
            // Whether it closes in good order says nothing about the next connection.
            Ok(Ok(connection)) => drop(timeout(PING, connection.close()).await),
            Ok(Err(error)) => return Err(self.refused(&error)),
            Err(_) => return Err(self.unreachable("no answer in time")),
        }
        Ok(())
    }

    /// The driver reports a file that it cannot read as it reports a network that fails.
    fn check_files(&self) -> Result<()> {
        if matches!(self.options.get_ssl_mode(), PgSslMode::Disable | PgSslMode::Allow) {
            return Ok(());
        }
        for (name, variable) in FILES {
            let given = self.files.iter().rfind(|(given, _)| *given == name);
            let file = given.map(|(_, file)| file.clone()).or_else(|| env::var(variable).ok());
            // It may be the certificate itself.
            let file = file.filter(|file| !file.trim().starts_with("-----BEGIN"));
            if let Some(Err(error)) = file.map(File::open) {
                let kind = error.kind();
                return Err(ConnectError::setup(format!("{name} cannot be read: {kind}")));
            }
        }
        Ok(())
    }

    /// The driver reports an unknown name as it reports any failure of the network.
    async fn look_up(&self, deadline: Instant) -> Result<()> {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        if self.options.get_socket().is_some() || host.starts_with('/') {
            return Ok(());
        }
        match timeout_at(deadline, lookup_host((host, port))).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(self.unreachable("the name of the host is not known")),
            Err(_) => Err(self.unreachable("the name of the host was not looked up in time")),
        }
    }

    fn refused(&self, error: &sqlx::Error) -> ConnectError {
        if let Some(problem) = driver::problem(error) {
            return ConnectError::setup(problem);
        }
        match error {
            // While connecting, only TLS reports invalid data: a certificate that does not hold.
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                ConnectError::setup(driver::TLS)
            }
            sqlx::Error::Io(error) => self.unreachable(error.kind().to_string()),
            sqlx::Error::Database(refusal) => by_code(&refusal.code().unwrap_or_default()),
            _ => ConnectError::setup(format!(
                "what answers at {} does not speak as PostgreSQL does: check host and port",
                self.address()
            )),
        }
    }
}

/// The options of connections to a server that has answered.
pub(super) async fn greeted(server: Server, limits: Limits) -> Result<PgConnectOptions> {
    server.greet(limits.acquire).await?;
    Ok(server.options)
}

fn by_code(sqlstate: &str) -> ConnectError {
    match sqlstate {
        // PgBouncer says nearly everything with this code.
        "08P01" => ConnectError::setup(
            "a pooler refused the connection: check that it knows the database and the user, \
             reaches its server, and that the URL sets no `options`",
        ),
        "42501" => ConnectError::setup(
            "the role may not use this database: GRANT CONNECT ON DATABASE to it",
        ),
        _ if ["08", "53", "57"].iter().any(|class| sqlstate.starts_with(class)) => {
            ConnectError::busy(driver::named(sqlstate))
        }
        _ => ConnectError::setup(format!(
            "the server refused the connection ({}): its log says why",
            driver::named(sqlstate)
        )),
    }
}

fn named(options: PgConnectOptions) -> PgConnectOptions {
    match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("scrollback"),
    }
}

/// tokio looks `[::1]` up as a name.
fn without_brackets(options: PgConnectOptions) -> PgConnectOptions {
    let host = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match host.map(str::to_owned) {
        Some(host) => options.host(&host),
        None => options,
    }
}

/// PgBouncer refuses connections that set this parameter; floats are not stored here.
fn pooler_safe(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None)
}

/// For hosts that want SeaORM's own pool, and for what needs a connection of its own.
pub(super) fn pool(options: PgConnectOptions, limits: Limits) -> DatabaseConnection {
    let before = Health::default();
    let after = before.clone();
    let pool = PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(limits.acquire)
        .max_lifetime(limits.lifetime)
        .idle_timeout(limits.idle)
        .test_before_acquire(false)
        .before_acquire(move |connection, metadata| {
            let health = before.clone();
            Box::pin(
                async move { health.is_fit(connection, metadata.age, metadata.idle_for).await },
            )
        })
        // A call that was cut off leaves its answer unread, and the pool waits for it without end:
        // behind a connection gone silent it would lose one place for ever.
        .after_release(move |connection, _| {
            let health = after.clone();
            Box::pin(async move { health.settle(connection).await.map(|()| true) })
        })
        .connect_lazy_with(options);
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}
