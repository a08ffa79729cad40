//! What the server is told when it is started.

use std::{fmt, num::NonZeroU16};

use clap::Parser;

/// A complete chat server whose history survives restarts.
///
/// On 127.0.0.1; what faces the world is a proxy in front of it, which adds TLS.
#[derive(Parser)]
#[command(name = "server")]
pub struct Args {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 3000)]
    pub(crate) port: u16,

    /// A name by which people ask for it, such as chat.example, where a proxy hands that on; may be
    /// given several times
    #[arg(long)]
    pub(crate) host: Vec<String>,

    /// Where the history is kept: a sqlite:// or postgres:// URL
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://scrollback.db"
    )]
    pub(crate) database_url: String,

    /// What cookies are signed with: 32 random bytes or more. Without it a file beside the database
    /// keeps some, so that people stay signed in across restarts
    #[arg(long, env = "COOKIE_SECRET", hide_env_values = true)]
    pub(crate) cookie_secret: Option<String>,

    /// Who answers: an OpenAI-compatible chat completions endpoint, with the key that is in `BOT_KEY`.
    /// Without it a small bot of the server's own answers
    #[arg(long)]
    pub(crate) bot_url: Option<String>,

    /// The model that the endpoint is asked for
    #[arg(long, requires = "bot_url")]
    pub(crate) bot_model: Option<String>,

    /// How many seconds a reply may take
    #[arg(long, default_value = "120")]
    pub(crate) bot_timeout: NonZeroU16,
}

/// Shows none of what it was told: URLs hold passwords.
impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Args").finish_non_exhaustive()
    }
}
