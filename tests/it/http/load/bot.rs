//! A bot whose replies tell what they answer.

use async_trait::async_trait;
use scrollback::{BotError, ChatBot, Message, NewMessage};

#[derive(Debug)]
pub(super) struct Echo;

#[async_trait]
impl ChatBot for Echo {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        let asked = history.last().ok_or("nothing was asked")?;
        Ok(NewMessage::assistant(reply_to(&asked.content)))
    }
}

pub(super) fn reply_to(said: &str) -> String {
    format!("Re: {said}")
}
