//! What stands between the store and the server: PgBouncer in its modes, and a server that sleeps.

mod asleep;
mod cold;
mod kit;
mod mixed;
mod refusal;
mod settings;

use sea_orm::sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// A client that is not ours, past all refusals.
async fn raw_client(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    // PgBouncer refuses this start-up parameter.
    PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap()
}
