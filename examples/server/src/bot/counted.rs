//! Counts and logs the replies that failed, by their kind.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{BotError, ChatBot, Message, NewMessage, ReplySink};

use super::failure::BotFailure;
use crate::metrics::Metrics;

/// A bot whose failures are counted, the streamed ones included.
#[derive(Debug)]
pub(super) struct Counted {
    bot: Arc<dyn ChatBot>,
    metrics: Arc<Metrics>,
}

impl Counted {
    pub(super) fn new(bot: Arc<dyn ChatBot>, metrics: Arc<Metrics>) -> Self {
        Self { bot, metrics }
    }

    async fn count(
        &self,
        reply: impl Future<Output = Result<NewMessage, BotError>> + Send,
    ) -> Result<NewMessage, BotError> {
        let mut waiting = Waiting { metrics: &self.metrics, failure: Some("timeout") };
        let answer = reply.await;
        waiting.failure = answer.as_ref().err().map(kind);
        answer
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ChatBot for Counted {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        self.count(self.bot.reply(history)).await
    }

    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        self.count(self.bot.stream(history, parts)).await
    }
}

fn kind(error: &BotError) -> &'static str {
    error.downcast_ref().map_or("other", BotFailure::kind)
}

/// A reply that is waited for. Dropped before it ended, it took longer than `scrollback::http` waits.
struct Waiting<'a> {
    metrics: &'a Metrics,
    failure: Option<&'static str>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(kind) = self.failure {
            tracing::warn!(kind, "the bot failed");
            self.metrics.bot_failure(kind);
        }
    }
}
