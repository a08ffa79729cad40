//! What a host says before it gets its router.

use std::{fmt, sync::Arc, time::Duration};

use axum::{Router, http::HeaderValue};

use crate::{
    chat_bot::ChatBot,
    chat_sessions::ChatSessions,
    http::{
        body::Payload,
        bot::Guarded,
        caller::Caller,
        cross_site::CrossSite,
        exchanges::Exchanges,
        payload::MessageBody,
        router::routes,
        shared::{Settings, Shared},
    },
    page::Limit,
    store::ConversationStore,
};

/// The endpoints over a store, with what a host may set.
///
/// # Examples
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use axum::{Router, http::request::Parts};
/// use scrollback::{Limit, MemoryStore, UserId, http::{Http, NoCaller}};
///
/// # fn session_of(_: &Parts) -> Option<i64> { None }
/// // Whatever the host's authentication has found out about the request.
/// let caller = |parts: &Parts| session_of(parts).map(UserId::new).ok_or(NoCaller::Unknown);
///
/// let http = Http::new(Arc::new(MemoryStore::new()), caller).with_max_page(Limit::new(200)?);
/// let app: Router = Router::new().nest("/api", http.router());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[must_use]
pub struct Http {
    store: Arc<dyn ConversationStore>,
    caller: Arc<dyn Caller>,
    bot: Option<Arc<dyn ChatBot>>,
    bot_timeout: Duration,
    window: Limit,
    exchanges: Exchanges,
    settings: Settings,
}

const BOT_TIMEOUT: Duration = Duration::from_secs(120);
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_EXCHANGES: u32 = 256;

impl Http {
    /// Endpoints over `store`, for whom `caller` says is calling.
    pub fn new(store: Arc<dyn ConversationStore>, caller: impl Caller) -> Self {
        Self {
            store,
            caller: Arc::new(caller),
            bot: None,
            bot_timeout: BOT_TIMEOUT,
            window: Limit::default(),
            exchanges: Exchanges::at_most(MAX_EXCHANGES),
            settings: Settings {
                // A page of messages is up to 4 MiB an item.
                max_page: Limit::new(100).unwrap_or_default(),
                max_body: MessageBody::MAX_BYTES,
                body_timeout: BODY_TIMEOUT,
                challenge: HeaderValue::from_static("Bearer"),
                cross_site: CrossSite::Refused { also: Vec::new() },
            },
        }
    }

    /// Lets `bot` answer below `/chat`, where nothing is served without one.
    pub fn with_bot(mut self, bot: Arc<dyn ChatBot>) -> Self {
        self.bot = Some(bot);
        self
    }

    /// Gives the bot so long for a reply; two minutes when this is not called. Then the answer is 504,
    /// with the person's message kept.
    pub const fn with_bot_timeout(mut self, timeout: Duration) -> Self {
        self.bot_timeout = timeout;
        self
    }

    /// Hands the bot at most `window` messages, the newest; 50 when this is not called.
    pub const fn with_window(mut self, window: Limit) -> Self {
        self.window = window;
        self
    }

    /// Lets so many exchanges with the bot go on at once, of all callers together; 256 when this is not
    /// called. What comes on top is answered with 503 before anything is stored. Call it before
    /// [`exchanges`](Self::exchanges).
    pub fn with_max_exchanges(mut self, most: u32) -> Self {
        self.exchanges = Exchanges::at_most(most);
        self
    }

    /// Gives pages of at most `max` items; 100 when this is not called. A message has up to 4 MiB.
    pub const fn with_max_page(mut self, max: Limit) -> Self {
        self.settings.max_page = max;
        self
    }

    /// Takes bodies of at most `bytes`. When this is not called, the limits of what a body holds bound
    /// it, every character escaped: 24 MiB and a half for a message.
    pub const fn with_max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// Gives a body so long to arrive; 30 seconds when this is not called.
    pub const fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.settings.body_timeout = timeout;
        self
    }

    /// Answers 401 with this as `WWW-Authenticate`; `Bearer` when this is not called.
    pub fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.settings.challenge = challenge;
        self
    }

    /// Lets pages of `origin`, such as `https://app.example`, change something too. Without this, only
    /// pages of the server's own origin may. The host must answer their preflight requests (CORS).
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        if let CrossSite::Refused { also } = &mut self.settings.cross_site {
            also.push(origin.into());
        }
        self
    }

    /// Does not ask which site a request comes from: for hosts whose callers show a token in a header, or
    /// that check this themselves. With cookies, any site could then act for its visitors.
    pub fn without_site_check(mut self) -> Self {
        self.settings.cross_site = CrossSite::Unchecked;
        self
    }

    /// The exchanges with the bot, to wait for when the server shuts down.
    #[must_use]
    pub fn exchanges(&self) -> Exchanges {
        self.exchanges.clone()
    }

    /// The router, to be nested into the host's.
    pub fn router(self) -> Router {
        let Self { store, caller, bot, bot_timeout: patience, window, exchanges, settings } = self;
        let chat = bot.map(|bot| {
            let bot = Arc::new(Guarded { bot, patience });
            ChatSessions::new(Arc::clone(&store), bot).with_window(window)
        });
        routes(Arc::new(Shared { store, caller, chat, exchanges, settings }))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, bot, .. } = self;
        f.debug_struct("Http").field("store", store).field("bot", bot).finish_non_exhaustive()
    }
}
