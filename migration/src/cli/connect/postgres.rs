use std::time::Duration;

use sea_orm_migration::sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        ConnectOptions, Connection, Error,
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    },
};
use tokio::time::timeout;

use crate::cli::{Failure, usage};

/// Long enough for a database that sleeps until somebody calls.
const WAIT: Duration = Duration::from_secs(10);

pub(super) async fn connect(url: &str) -> Result<DatabaseConnection, Failure> {
    let options = options(url)?;
    // A pool hides why it cannot connect, and keeps trying: ask once without one.
    let failed = |text: &str| Failure::Failed(format!("{}: {text}", address(&options)));
    match timeout(WAIT, options.connect()).await {
        Err(_) => return Err(failed("no answer within 10 seconds")),
        Ok(Err(error)) => return Err(failed(words(&error))),
        Ok(Ok(connection)) => drop(connection.close().await),
    }
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(WAIT);
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with(options)))
}

fn options(url: &str) -> Result<PgConnectOptions, Failure> {
    let options: PgConnectOptions = url.parse().map_err(|_| {
        usage("the database URL is not understood: postgres://USER:PASSWORD@HOST:PORT/DATABASE")
    })?;
    // `require` checks no certificate, and sqlx ignores `channel_binding`: only `verify-full` means
    // what both are meant to.
    let encrypt = matches!(options.get_ssl_mode(), PgSslMode::Require)
        || url.contains("channel_binding=require");
    let options = if encrypt { options.ssl_mode(PgSslMode::VerifyFull) } else { options };
    // Poolers refuse it as a parameter at start-up.
    Ok(options.extra_float_digits(None).disable_statement_logging())
}

fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

fn words(error: &Error) -> &'static str {
    match error {
        Error::Io(_) => "nothing answers there",
        Error::Tls(_) => "no TLS connection with a certificate that can be verified",
        Error::Database(error) => match error.code().as_deref() {
            Some("28000" | "28P01") => "the server refuses this user or password",
            Some("3D000") => "the server has no such database",
            Some("53300") => "the server has too many connections",
            Some("57P03") => "the server is starting or stopping",
            _ => "the server refuses the connection",
        },
        _ => "the server does not answer as PostgreSQL does",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssl_mode(query: &str) -> PgSslMode {
        match options(&format!("postgresql://ann:secret@db.example/chat{query}")) {
            Ok(options) => options.get_ssl_mode(),
            Err(_) => panic!("the URL is understood"),
        }
    }

    #[test]
    fn encryption_without_verification_is_raised() {
        for query in ["?sslmode=require", "?sslmode=prefer&channel_binding=require"] {
            assert!(matches!(ssl_mode(query), PgSslMode::VerifyFull), "{query}");
        }
        assert!(matches!(ssl_mode("?sslmode=disable"), PgSslMode::Disable));
    }
}
