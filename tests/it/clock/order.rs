//! Whether places and times are in order, whatever the clock says.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use scrollback::{
    Conversation, ConversationId, ConversationStore, ConversationStoreExt, Message, UserId,
};

/// Looks at conversations again and again.
#[derive(Default)]
pub(super) struct Watch {
    /// As each was when last seen: its time, and the contents of its messages.
    seen: HashMap<ConversationId, (Conversation, Vec<String>)>,
    wrong: Vec<String>,
}

impl Watch {
    /// Compares a conversation with itself, and with how it was.
    pub(super) async fn look(
        &mut self,
        store: &dyn ConversationStore,
        owner: UserId,
        id: ConversationId,
    ) {
        let chat = store.get(owner, id).await.unwrap();
        let messages: Vec<_> = store.walk_messages(owner, id).try_collect().await.unwrap();
        let contents: Vec<_> = messages.iter().map(|message| message.content.to_string()).collect();

        self.wrong.extend(disorder(&chat, &messages));
        if let Some((before, known)) = self.seen.get(&id) {
            if chat.updated_at < before.updated_at {
                self.wrong.push(format!("{id}: updated_at has decreased"));
            }
            if chat.version() == before.version() && (&chat, &contents) != (before, known) {
                self.wrong.push(format!("{id}: two states of one version"));
            }
            if chat.created_at != before.created_at {
                self.wrong.push(format!("{id}: created_at has changed"));
            }
            if !contents.starts_with(known) {
                self.wrong.push(format!("{id}: new messages stand before older ones"));
            }
        }
        self.seen.insert(id, (chat, contents));
    }

    /// What was wrong since it was taken last.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.wrong)
    }
}

/// What is out of order within a conversation.
fn disorder(chat: &Conversation, messages: &[Message]) -> Vec<String> {
    let positions = messages.iter().map(|message| message.position.get());
    let times: Vec<_> = messages.iter().map(|message| message.created_at).collect();
    let rules = [
        (positions.eq(1..=chat.message_count), "positions are not dense"),
        (times.is_sorted(), "created_at decreases with the position"),
        (times.iter().all(|time| *time >= chat.created_at), "older than its conversation"),
        (times.iter().all(|time| *time <= chat.updated_at), "younger than updated_at"),
        (chat.updated_at >= chat.created_at, "updated_at is before created_at"),
    ];
    let broken = rules.into_iter().filter(|(holds, _)| !holds);
    broken.map(|(_, rule)| format!("{}: {rule}", chat.id)).collect()
}
