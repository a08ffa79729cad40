//! One exchange with the bot, which any number of attempts under one key complete once.

use std::sync::Arc;

use crate::{
    chat_bot::{BotError, ChatBot, ChatError, Exchange},
    conversation::Conversation,
    error::{Cause, Conflict, Error, Result},
    id::Position,
    key::TurnKey,
    limit,
    message::{Message, NewMessage},
    message_query::MessageQuery,
    page::Limit,
    reply_sink::ReplySink,
    store::ConversationStore,
    turn::Turn,
};

/// What the person says, and the key of the reply to it.
pub(crate) struct Asked {
    turn: Turn,
    reply_key: TurnKey,
}

impl Asked {
    pub(crate) fn new(key: &TurnKey, text: impl Into<Arc<str>>) -> Result<Self> {
        let reply_key = reply_key(key)?;
        Ok(Self { turn: Turn::new([NewMessage::user(text)])?.with_key(key.clone()), reply_key })
    }
}

/// What ends the key of a reply; no message of a person's may be taken for one.
const REPLY: &str = "/reply";

/// The key of the reply to what is sent under `key`.
pub(crate) fn reply_key(key: &TurnKey) -> Result<TurnKey> {
    if key.as_str().ends_with(REPLY) {
        return Err(Error::invalid("turn key", "ends in /reply, as the keys of replies do"));
    }
    if key.as_str().len() > limit::MAX_KEY_BYTES - REPLY.len() {
        return Err(Error::invalid(
            "turn key",
            "is longer than 249 bytes, so none is left for the reply",
        ));
    }
    TurnKey::new(format!("{}{REPLY}", key.as_str()))
}

/// Who takes part.
pub(crate) struct ChatExchange<'a> {
    pub(crate) store: &'a dyn ConversationStore,
    pub(crate) bot: &'a dyn ChatBot,
    pub(crate) window: Limit,
    /// For whoever watches the reply come.
    pub(crate) parts: Option<ReplySink>,
    pub(crate) chat: Conversation,
}

impl ChatExchange<'_> {
    /// Stores what the person says, and the bot's reply unless that is stored already.
    pub(crate) async fn complete(&self, asked: Asked) -> Result<Exchange, ChatError> {
        let Asked { turn, reply_key } = asked;
        let appended = self.store.append(self.chat.owner, self.chat.id, turn).await?;
        let (asked, replayed) = (only(appended.messages)?, appended.replayed);
        match self.reply(&asked, replayed, reply_key).await {
            Ok((reply, replayed)) => Ok(Exchange { asked, reply, replayed }),
            Err(failure) => Err(failure.after(asked)),
        }
    }

    /// The reply to `asked` and whether an earlier attempt has stored it.
    async fn reply(
        &self,
        asked: &Message,
        replayed: bool,
        key: TurnKey,
    ) -> Result<(Message, bool), Failure> {
        if replayed && let Some(reply) = self.find(asked, &key).await? {
            return Ok((reply, true));
        }
        let answer = self.ask(asked).await?.with_key(key.clone());
        match self.store.append(self.chat.owner, self.chat.id, answer).await {
            Ok(appended) => Ok((only(appended.messages)?, appended.replayed)),
            // Another attempt with this key was faster; its reply is the reply.
            Err(error @ Error::Conflict(Conflict::KeyReused)) => {
                Ok((self.find(asked, &key).await?.ok_or(error)?, true))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the bot answer `asked`, handing it the history up to there and nothing later.
    async fn ask(&self, asked: &Message) -> Result<Turn, Failure> {
        let end = Position::new(asked.position.get().saturating_add(1)).unwrap_or(asked.position);
        let history = MessageQuery::before(end, self.window);
        let history = self.store.messages(self.chat.owner, self.chat.id, history).await?;
        let answer = match &self.parts {
            Some(parts) => self.bot.stream(&history.items, parts).await,
            None => self.bot.reply(&history.items).await,
        };
        let answer = answer.map_err(Failure::Bot)?;
        // A reply that breaks a limit is the bot's fault, not the person's.
        Turn::new([answer]).map_err(|error| Failure::Bot(error.into()))
    }

    /// The message stored under `key` after `asked`; normally the very next one.
    async fn find(&self, asked: &Message, key: &TurnKey) -> Result<Option<Message>> {
        let mut query = Some(MessageQuery::after(asked.position, Limit::default()));
        while let Some(next) = query {
            let page = self.store.messages(self.chat.owner, self.chat.id, next).await?;
            if let Some(found) = page.items.into_iter().find(|m| m.key.as_ref() == Some(key)) {
                return Ok(Some(found));
            }
            query = page.next.map(|cursor| MessageQuery::at(cursor, Limit::MAX));
        }
        Ok(None)
    }
}

/// Why there is no reply to a message that is stored.
enum Failure {
    Bot(BotError),
    Store(Error),
}

impl Failure {
    fn after(self, asked: Message) -> ChatError {
        let asked = Box::new(asked);
        match self {
            Self::Bot(source) => ChatError::Bot { asked, source },
            Self::Store(source) => ChatError::Reply { asked, source },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

fn only(mut messages: Vec<Message>) -> Result<Message> {
    messages.pop().ok_or_else(|| Error::Internal(Cause::new("the store returned no message")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_249_bytes_leaves_room_for_the_reply() {
        let key = |bytes| TurnKey::new("k".repeat(bytes)).unwrap();

        assert_eq!(reply_key(&key(249)).unwrap().as_str(), "k".repeat(249) + "/reply");
        assert!(reply_key(&key(250)).is_err());
    }
}
