//! What the handlers share.

use std::sync::Arc;

use scrollback::{SeaOrmStore, http::Exchanges};

use crate::{metrics::Metrics, session::Sessions};

/// What the server has outside of `/api`.
pub(crate) struct Shared {
    pub(crate) store: SeaOrmStore,
    pub(crate) sessions: Sessions,
    /// The names that it answers to, beside those of this machine.
    pub(crate) hosts: Vec<String>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) exchanges: Exchanges,
}
