//! Reads everything that is stored, in small pages, downwards and upwards again.

use scrollback::{Conversation, Error, Limit, Message, MessageQuery, Result, SessionId};
use scrollback_proof::{I3, I9, I13};

use super::{
    answer::OwnerView,
    op::SESSIONS,
    pages::{joined, walk},
    side::{Side, listing},
};

pub(super) async fn everyone(side: &mut Side) -> Result<Vec<OwnerView>> {
    let mut all = Vec::new();
    for actor in 0..side.names.owners.len() {
        all.push(owner(side, actor).await?);
    }
    Ok(all)
}

async fn owner(side: &mut Side, actor: usize) -> Result<OwnerView> {
    let listings =
        [conversations(side, actor, false).await?, conversations(side, actor, true).await?];
    let mut histories = Vec::new();
    for conversation in listings.iter().flatten() {
        let messages = messages(side, actor, conversation).await?;
        histories.push(messages.iter().map(|it| side.names.message(it)).collect());
    }
    let listings = listings.map(|all| all.iter().map(|it| side.names.conversation(it)).collect());
    Ok(OwnerView { listings, histories, sessions: sessions(side, actor).await? })
}

async fn conversations(side: &mut Side, actor: usize, archived: bool) -> Result<Vec<Conversation>> {
    let (store, owner) = (&side.store, side.names.owners[actor]);
    let query = listing(archived, Limit::new(2)?);
    let read = async |cursor| store.list(owner, query.at(cursor)).await;
    let down = walk(store.list(owner, query).await?, |page| page.next, read).await?;
    let Some(last) = down.last().cloned() else { return Ok(Vec::new()) };
    let mut up = walk(last, |page| page.previous, read).await?;
    up.reverse();
    let (down, up) = (joined(down), joined(up));
    if down != up {
        side.names.fault(I9, "a listing differs when it is walked upwards");
    }
    if down.iter().any(|it| it.archived != archived || it.created_at > it.updated_at) {
        side.names
            .fault(I13, "a conversation in the wrong listing, or changed before it was created");
    }
    Ok(down)
}

async fn messages(
    side: &mut Side,
    actor: usize,
    conversation: &Conversation,
) -> Result<Vec<Message>> {
    let (store, owner, id) = (&side.store, side.names.owners[actor], conversation.id);
    let limit = Limit::new(3)?;
    let read = async |cursor| store.messages(owner, id, MessageQuery::at(cursor, limit)).await;
    let first = store.messages(owner, id, MessageQuery::first(limit)).await?;
    let last = store.messages(owner, id, MessageQuery::last(limit)).await?;
    let down = joined(walk(first, |page| page.next, read).await?);
    let mut up = walk(last, |page| page.previous, read).await?;
    up.reverse();
    if down != joined(up) {
        side.names.fault(I9, "a history differs when it is walked upwards");
    }
    if !down.iter().map(|message| message.position.get()).eq(1..=conversation.message_count) {
        side.names.fault(I3, "positions are not 1 to n, or message_count is not n");
    }
    if down.last().is_some_and(|message| message.created_at > conversation.updated_at) {
        side.names.fault(I13, "a message is newer than its conversation's updated_at");
    }
    Ok(down)
}

async fn sessions(side: &mut Side, actor: usize) -> Result<Vec<Option<usize>>> {
    let mut found = Vec::new();
    for session in SESSIONS {
        let owner = side.names.owners[actor];
        found.push(match side.store.find_session(owner, &SessionId::new(session)?).await {
            Ok(conversation) => Some(side.names.conversation(&conversation).chat),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        });
    }
    Ok(found)
}
