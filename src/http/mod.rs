//! The chat over HTTP: endpoints to nest into an axum server.
//!
//! [`router`] gives the whole of it, [`Http`] lets a host set limits. The host says who is calling
//! ([`Caller`]); no path, query or body names an owner.
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, http::request::Parts};
//! use scrollback::{BotError, ChatBot, MemoryStore, Message, NewMessage, UserId, async_trait, http::{self, NoCaller}};
//!
//! #[derive(Debug)]
//! struct Parrot;
//!
//! #[async_trait]
//! impl ChatBot for Parrot {
//!     async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
//!         let asked = history.last().ok_or("nothing was asked")?;
//!         Ok(NewMessage::assistant(format!("You said: {}", asked.content)))
//!     }
//! }
//!
//! /// The host's authentication has put the user into the request.
//! #[derive(Clone)]
//! struct SignedIn(i64);
//!
//! fn caller(parts: &Parts) -> Result<UserId, NoCaller> {
//!     parts.extensions.get().map(|SignedIn(id)| UserId::new(*id)).ok_or(NoCaller::Unknown)
//! }
//!
//! let chat = http::router(Arc::new(MemoryStore::new()), Arc::new(Parrot), caller);
//! let app: Router = Router::new().nest("/api", chat);
//! ```
//!
//! # Endpoints
//!
//! Below whatever the router is nested under, with a slash at the end or without:
//!
//! | | |
//! | --- | --- |
//! | `POST /conversations` | create one |
//! | `GET /conversations?limit&cursor&archived` | the caller's, newest activity first |
//! | `GET, PATCH, DELETE /conversations/{id}` | read it; rename or archive it; delete it |
//! | `GET /conversations/{id}/messages?limit&cursor&before&after` | its messages, by pages both ways |
//! | `POST /conversations/{id}/messages` | add one, of role `user` or `assistant` |
//! | `POST /chat/start` | a new conversation; answers with its session |
//! | `POST /chat/{sessionId}/message` | ask the bot; streams with `Accept: text/event-stream` |
//! | `GET /chat/{sessionId}/history?limit&cursor&before&after` | its messages |
//! | `DELETE /me/conversations` | erase all of the caller's, with a receipt |
//! | `GET /me/export` | all of the caller's, as JSON Lines |
//! | `GET /openapi.json`, `GET /docs` | the description: OpenAPI 3.1, and a page without scripts |
//!
//! # What holds for all of them
//!
//! * Ids are text in JSON: they are 64-bit numbers, and JavaScript's end at 2^53.
//! * Whatever is refused is a problem document (RFC 9457) with its kind in `type`, and the `field` and
//!   `reason` where the input is wrong. What is somebody else's is refused byte for byte like what does not exist,
//!   and so is a name that nothing can have. A problem quotes no value, at most the name of a field.
//! * A field or a parameter that an endpoint does not have is refused, and one that is given twice. The
//!   endpoints without parameters read no query.
//! * `Idempotency-Key` makes every `POST` safe to send again; the second answer has `Idempotency-Replayed`.
//!   Messages keep their key for ever. What creates a conversation keeps it as the
//!   [session id](crate::SessionId), so the key is free again when the conversation is deleted, and that it was used
//!   for another title or metadata is noticed only while nothing has happened in the conversation.
//! * `ETag` is the [version](crate::Version) of a conversation, which every change makes another.
//!   `If-None-Match` saves reading it again. `If-Match` is decided by the store, in one step with what it guards:
//!   `PATCH` and `DELETE` apply to that version only; a message is added while there are as many as in that version,
//!   whatever else has changed. What has changed meanwhile is 412, and so is what is no tag of ours: one
//!   without its quotes, or a weak one (`W/"..."`), which compressing proxies make of ours. A `PATCH` that is sent again because its
//!   answer was lost may be 412 by its own doing: read the conversation then.
//! * An exchange with the bot goes on when the client is gone; [`Exchanges`] waits for those that are
//!   under way. A bot that fails gives 502, one that takes too long 504, and the person's message is kept:
//!   sent again with the `idempotency_key` of the problem, it is answered and not stored twice.
//!
//! # Other sites
//!
//! A page of another site can make a browser send a request with its visitor's cookies. So requests that change
//! something must come from the server's own origin (`Sec-Fetch-Site`, else `Origin` against `Host`) or
//! one that [`Http::with_origin`] names, or from what is no browser; and bodies must be
//! `application/json`, which other sites cannot send without asking first. Behind a proxy, `Host` must be
//! the one that the browser has asked. Cookies should be `HttpOnly`, `Secure` and `SameSite=Lax` all the same.
//!
//! # What is left to the host
//!
//! Authentication, TLS, rate limits, cross-origin sharing (CORS), and how long a connection may take to send its
//! head or to take its answer: the server that the router runs in bounds that. The library logs failures of
//! the store and of the bot by their kind (`tracing`), and no content. For metrics there are [`ProblemKind`] and
//! [`Exchanges::under_way`].

mod body;
mod bot;
mod bounded;
mod builder;
mod caller;
mod chat;
mod conversations;
mod cross_site;
mod decode;
mod etag;
mod exchanges;
mod export;
mod failure;
mod guard;
mod here;
mod idempotency;
mod json;
mod kind;
mod me;
mod messages;
mod name;
mod openapi;
mod page;
mod paging;
mod payload;
mod problem;
mod problem_kind;
mod query;
mod refused;
mod router;
mod shared;
mod stream;
mod wire;

use std::sync::Arc;

use axum::Router;

pub use builder::Http;
pub use caller::{Caller, NoCaller, extracted};
pub use exchanges::Exchanges;
pub use problem_kind::ProblemKind;

use crate::{chat_bot::ChatBot, store::ConversationStore};

/// All endpoints over `store`, with `bot` to answer, for whom `caller` says is calling.
///
/// The same as [`Http::new`], [`with_bot`](Http::with_bot) and [`router`](Http::router); the
/// [module](self) has an example.
pub fn router(
    store: Arc<dyn ConversationStore>,
    bot: Arc<dyn ChatBot>,
    caller: impl Caller,
) -> Router {
    Http::new(store, caller).with_bot(bot).router()
}
