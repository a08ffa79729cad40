//! Whether a connection that waited in a pool may be used.

use std::time::Duration;

use sea_orm_migration::sea_orm::sqlx::{self, Connection, PgConnection, Row};
use tokio::time::timeout;

use super::{refusal::is_suspect, trouble::Trouble};

/// Longer than any pause between the calls of a busy server: those stay at one round trip.
const IDLE: Duration = Duration::from_secs(30);

/// An idle connection that a firewall forgot does not refuse, it is silent.
pub(super) const PING: Duration = Duration::from_secs(1);

/// The health of one pool's connections, shared by its clones.
#[derive(Clone, Debug, Default)]
pub struct Health(Trouble);

impl Health {
    /// Whether nothing speaks against a connection, which then is not tested: a test is a round trip.
    #[must_use]
    pub fn is_sure(&self, age: Duration, idle_for: Duration) -> bool {
        !self.has_waited(idle_for) && !is_suspect(age)
    }

    /// Tests a connection, for what speaks against it.
    ///
    /// # Errors
    ///
    /// When the connection is broken, or silent for a second.
    pub async fn is_fit(
        &self,
        connection: &mut PgConnection,
        age: Duration,
        idle_for: Duration,
    ) -> Result<bool, sqlx::Error> {
        if self.has_waited(idle_for) {
            self.0.note_if(timeout(PING, connection.ping()).await)?;
        }
        if is_suspect(age) {
            return Ok(!self.0.note_if(timeout(PING, only_reads(connection)).await)?);
        }
        Ok(true)
    }

    /// A connection was found broken: those that are idle now are tested before they are used.
    pub fn note_broken(&self) {
        self.0.note();
    }

    /// So long, or while another was found broken.
    fn has_waited(&self, idle_for: Duration) -> bool {
        idle_for >= IDLE || self.0.within(idle_for)
    }

    /// Reads what a call that was cut off has left unread.
    pub(super) async fn settle(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.0.note_if(timeout(PING, connection.flush()).await)
    }
}

/// Whether the server at the other end is a standby, or refuses writes for another reason.
async fn only_reads(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::raw_sql("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(row.try_get::<&str, _>(0)? == "on")
}
