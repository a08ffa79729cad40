//! PostgreSQL: the options a URL asks for, and a pool of them.
//!
//! The pool is built from sqlx directly. `sea_orm::Database::connect` puts the URL, password
//! included, into a span at level TRACE.

use std::{io, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    },
};
use tokio::time::timeout;

use super::Limits;
use crate::{
    error::{Cause, Error, Result},
    sea_orm::{
        error::{Access, driver},
        url::{Parameters, invalid},
    },
};

/// Longer than any pause between the calls of a busy server: those stay at one round trip.
const IDLE: Duration = Duration::from_secs(30);

/// An idle connection that a firewall forgot does not refuse, it is silent.
const PING: Duration = Duration::from_secs(1);

pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
    let parameters = Parameters::of(url)?;
    let unnamed: PgConnectOptions = parameters.url.parse().map_err(|_| {
        invalid(
            "cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special \
             characters of the password percent-encoded",
        )
    })?;
    let verified = parameters.binds_channel
        || parameters.system_roots
        || matches!(unnamed.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa);
    let options = if verified { unnamed.ssl_mode(PgSslMode::VerifyFull) } else { unnamed };
    Ok(pooler_safe(without_brackets(named(options))).disable_statement_logging())
}

pub(super) async fn open(options: PgConnectOptions, limits: Limits) -> Result<DatabaseConnection> {
    greet(&options, limits.acquire).await?;
    let pool = pool(limits).connect_lazy_with(options);
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Host and port, or the folder of the socket: what may be shown of the options.
pub(super) fn address(options: &PgConnectOptions) -> String {
    let (host, port) = (options.get_host(), options.get_port());
    match options.get_socket() {
        Some(socket) => format!("{}:{port}", socket.display()),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
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

/// Opens one connection by itself, because a pool hides why it cannot: it tries a refused one again
/// until it has no time left, and then says that it timed out.
async fn greet(options: &PgConnectOptions, within: Duration) -> Result<()> {
    match timeout(within, PgConnection::connect_with(options)).await {
        // Whether it closes in good order says nothing about the next connection.
        Ok(Ok(connection)) => drop(timeout(PING, connection.close()).await),
        Ok(Err(error)) => return Err(refused(&error, options)),
        Err(_) => {
            return Err(Error::unreachable(address(options), Cause::new("no answer in time")));
        }
    }
    Ok(())
}

fn refused(error: &sqlx::Error, options: &PgConnectOptions) -> Error {
    match error {
        // While connecting, only TLS reports invalid data: a certificate that does not hold.
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            driver(&sqlx::Error::Tls("".into()), Access::Read)
        }
        sqlx::Error::Io(error) => {
            Error::unreachable(address(options), Cause::new(error.kind().to_string()))
        }
        sqlx::Error::Protocol(_) => Error::setup(format!(
            "what answers at {} does not speak as PostgreSQL does: check host and port",
            address(options)
        )),
        // PgBouncer says nearly everything with this code.
        sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some("08P01") => {
            Error::setup(
                "a pooler refused the connection: check that it knows the database and the user, \
                 reaches its server, and that the URL sets no `options`",
            )
        }
        _ => driver(error, Access::Read),
    }
}

fn pool(limits: Limits) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(limits.acquire)
        .max_lifetime(Duration::from_secs(30 * 60))
        .idle_timeout(Duration::from_secs(10 * 60))
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for >= IDLE {
                    timeout(PING, connection.ping()).await.map_err(io::Error::from)??;
                }
                Ok(true)
            })
        })
        // A call that was cut off leaves its answer unread, and the pool waits for it without end:
        // behind a connection gone silent it would lose one place for ever.
        .after_release(|connection, _| {
            Box::pin(async move {
                timeout(PING, connection.flush()).await.map_err(io::Error::from)??;
                Ok(true)
            })
        })
}
