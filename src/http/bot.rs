//! The host's bot, held to its time.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::time::timeout;

use crate::{
    chat_bot::{BotError, ChatBot},
    message::{Message, NewMessage},
    reply_sink::ReplySink,
};

/// A bot that answers in time or fails: it neither hangs nor takes the exchange down with it.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) bot: Arc<dyn ChatBot>,
    pub(super) patience: Duration,
}

/// The bot had its time.
#[derive(Debug, thiserror::Error)]
#[error("the bot took too long")]
pub(super) struct BotTimeout;

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatBot for Guarded {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        self.guard(self.bot.reply(history)).await
    }

    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        self.guard(self.bot.stream(history, parts)).await
    }
}

impl Guarded {
    async fn guard(
        &self,
        reply: impl Future<Output = Result<NewMessage, BotError>> + Send,
    ) -> Result<NewMessage, BotError> {
        // What a panic leaves behind is the bot's own; here nothing is shared with it.
        match timeout(self.patience, AssertUnwindSafe(reply).catch_unwind()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_panic)) => Err("the bot panicked".into()),
            Err(_elapsed) => Err(BotTimeout.into()),
        }
    }
}
