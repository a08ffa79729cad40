//! Bots that do what a test needs.

use std::future;

use async_trait::async_trait;
use scrollback::{BotError, ChatBot, Message, NewMessage, ReplySink};
use tokio::sync::Semaphore;

/// Says how many messages it was handed; fails, panics, hangs or breaks a limit when it is asked to.
#[derive(Debug)]
pub(super) struct Counter;

#[async_trait]
impl ChatBot for Counter {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        match history.last().map(|asked| &*asked.content) {
            Some("fail") => Err("secret reason".into()),
            Some("panic") => panic!("as the bot was told"),
            Some("hang") => future::pending().await,
            Some("nul") => Ok(NewMessage::assistant("\0")),
            _ => Ok(NewMessage::assistant(format!("{} messages", history.len()))),
        }
    }
}

/// Fails the first time.
#[derive(Debug, Default)]
pub(super) struct Hesitant(std::sync::atomic::AtomicBool);

#[async_trait]
impl ChatBot for Hesitant {
    async fn reply(&self, _: &[Message]) -> Result<NewMessage, BotError> {
        match self.0.swap(true, std::sync::atomic::Ordering::SeqCst) {
            true => Ok(NewMessage::assistant("at last")),
            false => Err("not yet".into()),
        }
    }
}

/// Says one part for each permit, and in the end what it has said.
#[derive(Debug)]
pub(super) struct Slow(pub(super) Semaphore);

impl Slow {
    pub(super) const PARTS: [&str; 3] = ["one\n", "<two> ", "thr\u{e9}e"];

    pub(super) fn new(permits: usize) -> Self {
        Self(Semaphore::new(permits))
    }
}

#[async_trait]
impl ChatBot for Slow {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        self.stream(history, &ReplySink::new().0).await
    }

    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        for part in Self::PARTS {
            self.0.acquire().await?.forget();
            parts.push(part)?;
        }
        if history.last().is_some_and(|asked| &*asked.content == "fail at the end") {
            return Err("at the end".into());
        }
        Ok(NewMessage::assistant(Self::PARTS.concat()))
    }
}
