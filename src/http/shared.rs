//! What all handlers share.

use std::{fmt, sync::Arc, time::Duration};

use axum::http::HeaderValue;

use crate::{
    chat_sessions::ChatSessions,
    http::{caller::Caller, cross_site::CrossSite, exchanges::Exchanges},
    page::Limit,
    store::ConversationStore,
};

/// What the router was built from.
pub(super) struct Shared {
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) caller: Arc<dyn Caller>,
    /// Nothing without a bot.
    pub(super) chat: Option<ChatSessions>,
    pub(super) exchanges: Exchanges,
    pub(super) settings: Settings,
}

/// What the host may set.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) max_page: Limit,
    pub(super) max_body: usize,
    pub(super) body_timeout: Duration,
    pub(super) challenge: HeaderValue,
    pub(super) cross_site: CrossSite,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("store", &self.store).finish_non_exhaustive()
    }
}
