//! What a host brings: its transaction, its users, its role, its database as it stands.

mod database;
mod schema;
mod transaction;
mod users;

use scrollback::{NewConversation, NewMessage, SessionId, Turn, TurnKey};

fn keyed(text: &str) -> Turn {
    Turn::new([NewMessage::user(text)]).unwrap().with_key(TurnKey::new("k").unwrap())
}

fn session() -> NewConversation {
    NewConversation::new().with_session(SessionId::new("s").unwrap())
}
