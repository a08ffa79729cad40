//! Looks at everything that is stored after every call, and compares it with what it was before.

use scrollback::{Conversation, ConversationId, Limit, Message, MessageQuery, Result};
use scrollback_proof::{I1, I3, I4, I12, I13};

use super::{
    side::{Side, listing},
    tally::Tally,
};

/// Everything of one owner, as the store gives it: numbers, times and contents.
#[derive(Debug, Default, PartialEq)]
struct Owned {
    /// The active and the archived listing.
    listings: [Vec<(Conversation, Vec<Message>)>; 2],
}

/// What the three owners had before a call.
#[derive(Debug, Default)]
pub(super) struct Watch {
    before: Option<Vec<Owned>>,
}

impl Watch {
    /// Compares what there is after a call of the actor's.
    pub(super) async fn look(
        &mut self,
        side: &Side,
        actor: usize,
        failed: bool,
        tally: &mut Tally,
    ) {
        let after = match everything(side).await {
            Ok(after) => after,
            Err(error) => return tally.check(I12, false, || format!("{}: {error}", side.name)),
        };
        tally.check(I12, true, String::new);
        let nothing = || (0..after.len()).map(|_| Owned::default()).collect();
        let before = self.before.take().unwrap_or_else(nothing);
        for (owner, (before, after)) in before.iter().zip(&after).enumerate() {
            let changed = || format!("{}: {owner} differs after a call by {actor}", side.name);
            if owner != actor {
                tally.check(I1, before == after, changed);
            } else if failed {
                tally.check(I3, before == after, changed);
            }
            compare(side.name, before, after, tally);
        }
        self.before = Some(after);
    }
}

async fn everything(side: &Side) -> Result<Vec<Owned>> {
    let mut all = Vec::new();
    for owner in side.names.owners {
        let mut owned = Owned::default();
        for (archived, chats) in [false, true].into_iter().zip(&mut owned.listings) {
            for chat in side.store.list(owner, listing(archived, Limit::MAX)).await?.items {
                let query = MessageQuery::first(Limit::MAX);
                let messages = side.store.messages(owner, chat.id, query).await?.items;
                chats.push((chat, messages));
            }
        }
        all.push(owned);
    }
    Ok(all)
}

fn compare(name: &str, before: &Owned, after: &Owned, tally: &mut Tally) {
    for chats in &after.listings {
        let order = chats.iter().map(|(chat, _)| (chat.updated_at, chat.id));
        let newest_first = order.clone().zip(order.skip(1)).all(|(one, next)| one > next);
        tally.check(I13, newest_first, || format!("{name}: a listing is not in order"));
    }
    for (chat, messages) in after.listings.iter().flatten() {
        let dense = messages.iter().map(|it| it.position.get()).eq(1..=chat.message_count);
        tally.check(I3, dense, || format!("{name}: positions are not 1 to n in {chat:?}"));
        let times = messages.iter().map(|message| message.created_at);
        let rising = [chat.created_at].into_iter().chain(times).chain([chat.updated_at]);
        tally.check(I13, rising.is_sorted(), || format!("{name}: times decrease in {chat:?}"));
        let Some((earlier, fewer)) = before.find(chat.id) else { continue };
        let extends = messages.starts_with(fewer);
        tally.check(I4, extends, || format!("{name}: what was read is no prefix in {chat:?}"));
        let later = earlier == chat || earlier.updated_at < chat.updated_at;
        tally.check(I13, later, || format!("{name}: a change without a later time in {chat:?}"));
    }
}

impl Owned {
    fn find(&self, id: ConversationId) -> Option<&(Conversation, Vec<Message>)> {
        self.listings.iter().flatten().find(|(chat, _)| chat.id == id)
    }
}
