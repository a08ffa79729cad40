//! Chat history that survives restarts and that no one but its owner can read.
//!
//! A chat server keeps its conversations in a dictionary, `chat_sessions`, and loses them at every
//! restart. This crate is what it injects instead: an `Arc<dyn` [`ConversationStore`]`>`, or
//! [`ChatSessions`], which has the dictionary's three operations. Every method takes the owner, who
//! is part of every key and every statement, so no call can reach another user's data.
//!
//! ```
//! use std::sync::Arc;
//! use scrollback::{ConversationStore, ConversationStoreExt, Limit, MemoryStore, NewConversation, NewMessage, UserId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> scrollback::Result<()> {
//! // SeaOrmStore::connect("postgres://…").await? in production.
//! let store: Arc<dyn ConversationStore> = Arc::new(MemoryStore::new());
//!
//! // In a request handler, with the user that authentication produced:
//! let history = store.for_user(UserId::new(1));
//! let chat = history.create(NewConversation::new().with_title("Trip to Oslo")?).await?;
//! history.append(chat.id, [NewMessage::user("Any trains?"), NewMessage::assistant("Four a day.")]).await?;
//!
//! let page = history.last(chat.id, Limit::new(50)?).await?;
//! assert_eq!(&*page.items[1].content, "Four a day.");
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `postgres` | yes | `SeaOrmStore` on PostgreSQL 14 to 18, `connect` for its URLs, TLS with public roots |
//! | `sqlite` | yes | `SeaOrmStore` on SQLite, compiled in: the embedded default |
//! | `http` | no | the [endpoints](crate::http) of a chat over HTTP, to nest into an axum 0.8 server |
//! | `conformance` | no | the rules that every store must pass, for the tests of your own store |
//! | `sea-orm` | | what `postgres` and `sqlite` share; useless alone |
//!
//! In signatures there are `chrono` 0.4, `serde_json` 1, and with their features SeaORM 2 and axum 0.8. Failures are
//! logged by `tracing`: install a subscriber to see them.
//!
//! Without features there are the contract, [`MemoryStore`] and [`ChatSessions`].

#![cfg_attr(docsrs, feature(doc_cfg))]

mod chat_bot;
mod chat_exchange;
mod chat_sessions;
#[cfg(feature = "conformance")]
pub mod conformance;
mod conversation;
mod conversation_query;
mod conversation_update;
mod cursor;
mod error;
mod forward;
#[cfg(feature = "http")]
pub mod http;
mod id;
mod key;
pub mod limit;
mod memory;
mod message;
mod message_query;
mod metadata;
mod new_conversation;
mod page;
mod reply_sink;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sea_orm;
mod store;
mod store_ext;
mod title;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[doc = include_str!("../docs/tuning.md")]
pub mod tuning {}
mod turn;
mod user_history;
mod version;

pub use async_trait::async_trait;
pub use chat_bot::{BotError, ChatBot, ChatError, Exchange};
pub use chat_sessions::ChatSessions;
pub use conversation::Conversation;
pub use conversation_query::{ConversationQuery, ConversationSeek};
pub use conversation_update::ConversationUpdate;
pub use cursor::Cursor;
pub use error::{Cause, Conflict, Error, Result};
pub use id::{ConversationId, MessageId, Position, UserId};
pub use key::{SessionId, TurnKey};
pub use memory::MemoryStore;
pub use message::{Message, NewMessage, Role};
pub use message_query::{MessageQuery, MessageWindow};
pub use metadata::Metadata;
pub use new_conversation::NewConversation;
pub use page::{Limit, Page};
pub use reply_sink::{ReplyParts, ReplySink};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use scrollback_migration::{Tables, Users};
#[cfg(feature = "postgres")]
pub use sea_orm::GroupingStore;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use sea_orm::{
    Connect, ConnectError, Pool, SeaOrmStore, StoreConnection, StorePool, Transaction, preflight,
};
pub use store::{ConversationStore, Erased};
pub use store_ext::ConversationStoreExt;
pub use title::Title;
pub use turn::{Appended, Turn};
pub use user_history::UserHistory;
pub use version::Version;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
