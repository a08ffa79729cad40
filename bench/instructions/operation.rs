//! The calls that are counted.

use scrollback::{
    ConversationQuery, ConversationStoreExt, Limit, MessageQuery, NewMessage, SessionId, Turn,
    UserId, limit,
};

use crate::{Result, stores};

/// A store and what is done with it.
pub(crate) const NAMES: [&str; 15] = [
    "memory/get",
    "memory/newest-50",
    "memory/append",
    "memory/turn",
    "memory/list-20",
    "sqlite/get",
    "sqlite/newest-50",
    "sqlite/append",
    "sqlite/turn",
    "sqlite/list-20",
    "postgres/get",
    "postgres/newest-50",
    "postgres/append",
    "postgres/turn",
    "postgres/list-20",
];

pub(crate) struct Operation {
    store: &'static str,
    what: &'static str,
}

const OWNER: UserId = UserId::new(1);

/// More messages than a page has.
const MESSAGES: usize = 100;

const CONVERSATIONS: usize = 30;

impl Operation {
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = NAMES.into_iter().find(|known| *known == name)?;
        name.split_once('/').map(|(store, what)| Self { store, what })
    }

    /// The same work before, however many calls follow: the difference of two runs is the calls'.
    pub(crate) async fn call(&self, calls: u32) -> Result<()> {
        let opened = stores::open(self.store).await?;
        let store = opened.store.as_ref();
        let mut chat = None;
        for n in 0..CONVERSATIONS {
            let session = SessionId::new(format!("{}-{n}", self.what))?;
            chat = Some(store.open_session(OWNER, &session).await?);
        }
        let chat = chat.ok_or("there is a conversation")?.id;
        if store.get(OWNER, chat).await?.message_count == 0 {
            store.append(OWNER, chat, turn(MESSAGES)?).await?;
        }
        let (page, listed) = (Limit::new(50)?, Limit::new(20)?);
        for _ in 0..calls {
            match self.what {
                "get" => drop(store.get(OWNER, chat).await?),
                "newest-50" => drop(store.messages(OWNER, chat, MessageQuery::last(page)).await?),
                "append" => drop(store.append(OWNER, chat, turn(1)?).await?),
                "turn" => drop(store.append(OWNER, chat, turn(2)?).await?),
                _ => drop(store.list(OWNER, ConversationQuery::new(listed)).await?),
            }
        }
        Ok(())
    }
}

/// Messages of 300 bytes.
fn turn(length: usize) -> Result<Turn> {
    const { assert!(MESSAGES <= limit::MAX_TURN_MESSAGES) };
    Ok(Turn::new(vec![NewMessage::user("0123456789".repeat(30)); length])?)
}
