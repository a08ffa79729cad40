//! The rows of the ownership matrix: every method of the contract, in every way to name a thing.

use futures_util::future::BoxFuture;
use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, ConversationUpdate, Cursor, Limit,
    MessageQuery, NewConversation, NewMessage, Position, Result, SessionId, Turn, TurnKey, UserId,
    Version,
};
use scrollback_proof as proof;

/// The same thing by all its names.
pub(super) struct Target {
    pub(super) chat: ConversationId,
    pub(super) session: SessionId,
    /// What it is now.
    pub(super) version: Version,
    pub(super) in_messages: Cursor,
    pub(super) in_listing: Cursor,
    pub(super) back_in_listing: Cursor,
}

/// What came back.
pub(super) struct Answer {
    /// `ok`, or the error's `Display` and `Debug`.
    pub(super) verdict: String,
    /// `Debug` of what a call that succeeded returned.
    pub(super) shown: String,
}

/// A call of one method.
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) how: &'static str,
    pub(super) call:
        for<'a> fn(&'a dyn ConversationStore, UserId, &'a Target) -> BoxFuture<'a, Answer>,
}

macro_rules! rows {
    ($($method:ident($target:ident $(=> $argument:expr)*) $how:literal;)*) => {
        /// The name of a row is the method it calls, so that neither can be without the other.
        pub(super) const ROWS: &[Row] = &[$(Row {
            method: stringify!($method),
            how: $how,
            call: |store, owner, $target| Box::pin(async move {
                answer(store.$method(owner $(, $argument)*).await)
            }),
        }),*];
    };
}

rows! {
    create(at => NewConversation::new().with_session(at.session.clone())) "with its session";
    get(at => at.chat) "";
    find_session(at => &at.session) "";
    list(_at => ConversationQuery::default()) "active";
    list(_at => ConversationQuery::default().archived()) "archived";
    list(at => ConversationQuery::default().at(at.in_listing)) "at its cursor";
    list(at => ConversationQuery::default().at(at.back_in_listing)) "at its cursor back";
    list(at => ConversationQuery::default().at(at.in_messages)) "at its cursor of messages";
    update(at => at.chat => rename()) "title, archived and metadata";
    update(at => at.chat => ConversationUpdate::new()) "nothing";
    update(at => at.chat => rename().with_expected_version(at.version)) "of its version";
    update(at => at.chat => rename().with_expected_version(other())) "of another version";
    append(at => at.chat => turn(1)) "";
    append(at => at.chat => turn(3).with_key(used(at))) "with a used key";
    append(at => at.chat => turn(1).with_key(used(at))) "with a key that was used otherwise";
    append(at => at.chat => turn(1).with_key(key("unused"))) "with a new key";
    append(at => at.chat => turn(1).with_expected_count(3)) "expecting the right count";
    append(at => at.chat => turn(1).with_expected_count(8)) "expecting a wrong count";
    messages(at => at.chat => MessageQuery::last(Limit::MAX)) "last";
    messages(at => at.chat => MessageQuery::first(Limit::MAX)) "first";
    messages(at => at.chat => MessageQuery::before(position(3), Limit::MAX)) "before a position";
    messages(at => at.chat => MessageQuery::after(position(1), Limit::MAX)) "after a position";
    messages(at => at.chat => MessageQuery::at(at.in_messages, Limit::MAX)) "at its cursor";
    messages(at => at.chat => MessageQuery::at(at.in_listing, Limit::MAX)) "at a listing's cursor";
    delete(at => at.chat => None) "";
    delete(at => at.chat => Some(at.version)) "of its version";
    delete(at => at.chat => Some(other())) "of another version";
    erase(_at) "";
}

impl Row {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.how)
    }

    /// Whether its cells are tries of this threat.
    pub(super) fn is_for(&self, threat: proof::Row) -> bool {
        let reads = matches!(self.method, "get" | "find_session" | "list" | "messages");
        match threat.id {
            "T1" => reads || self.method == "append",
            "T2" => !reads && self.method != "create",
            "T4" => ["cursor", "key", "position", "count", "version"]
                .iter()
                .any(|by| self.how.contains(by)),
            "T7" => self.method == "create",
            "T18" => self.how.contains("key"),
            _ => true,
        }
    }
}

pub(super) fn turn(messages: usize) -> Turn {
    Turn::new((1..=messages).map(|n| NewMessage::user(n.to_string()))).unwrap()
}

pub(super) fn key(text: &str) -> TurnKey {
    TurnKey::new(text).unwrap()
}

/// The key of the turn that a conversation holds; none is that of another conversation.
pub(super) fn used(at: &Target) -> TurnKey {
    key(at.session.as_str())
}

fn rename() -> ConversationUpdate {
    ConversationUpdate::new().with_title("Mine now").unwrap().with_archived(true)
}

/// The version of nothing.
pub(super) fn other() -> Version {
    "1".parse().unwrap()
}

fn position(n: u32) -> Position {
    Position::new(n).unwrap()
}

fn answer<T: std::fmt::Debug>(answer: Result<T>) -> Answer {
    match answer {
        Ok(shown) => Answer { verdict: "ok".into(), shown: format!("{shown:?}") },
        Err(error) => Answer { verdict: format!("{error} | {error:?}"), shown: String::new() },
    }
}
