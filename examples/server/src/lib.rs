//! A complete chat server over `scrollback::http`, in the order in which it is best read:
//!
//! | | |
//! | --- | --- |
//! | `args` | what it is told when it is started |
//! | `run` | everything opened, put together, served, and closed again in order |
//! | `router` | which path leads where |
//! | `database` | connect, migrate, ask whether it answers |
//! | `sign_in`, `signed_in` | a **stand-in for the host's authentication**: whoever gives a name is that person |
//! | `session`, `secret` | the cookie, and what it is signed with |
//! | `cross_site`, `host` | what pages of other sites may not do |
//! | `bot` | who answers: a few rules, or any OpenAI-compatible endpoint |
//! | `assets` | the page |
//! | `observe`, `metrics`, `health` | what whoever runs it sees: never content, a name or a cookie |
//! | `listen`, `stop` | connections, and how they end |
//! | `problem`, `body` | how requests are refused and read outside `/api` |

mod args;
mod assets;
mod body;
mod bot;
mod cross_site;
mod database;
mod health;
mod host;
mod listen;
mod metrics;
mod observe;
mod problem;
mod router;
mod run;
mod secret;
mod session;
mod shared;
mod sign_in;
mod signed_in;
mod stop;

pub use args::Args;
pub use run::{Failure, run};
pub use session::{Sessions, User};
