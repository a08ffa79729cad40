//! Pages of every size, in both directions: together they are the list.

use scrollback::{Conversation, Cursor, Limit, Message, MessageQuery, Page, Result, UserId};
use scrollback_proof::{I9, I12};

use super::{
    side::{Side, listing},
    tally::Tally,
};

/// More pages than any sequence fills: a walk that goes in circles ends here.
const MOST_PAGES: usize = 500;

/// Walks the listings and the longest conversation of each owner with every limit that makes a
/// difference.
pub(super) async fn every_limit(side: &Side, tally: &mut Tally) {
    for owner in side.names.owners {
        if let Err(error) = of_owner(side, owner, tally).await {
            tally.check(I12, false, || format!("{}: {error}", side.name));
        }
    }
}

async fn of_owner(side: &Side, owner: UserId, tally: &mut Tally) -> Result<()> {
    let mut longest: Option<Conversation> = None;
    for archived in [false, true] {
        let all = side.store.list(owner, listing(archived, Limit::MAX)).await?.items;
        for limit in 1..=all.len() as u32 + 1 {
            let walked = listings(side, owner, archived, Limit::new(limit)?).await?;
            for walk in walked {
                tally.check(I9, walk == all, || format!("{}: a listing by {limit}", side.name));
            }
        }
        longest = longest.into_iter().chain(all).max_by_key(|chat| chat.message_count);
    }
    let Some(chat) = longest else { return Ok(()) };
    let query = MessageQuery::first(Limit::MAX);
    let all = side.store.messages(owner, chat.id, query).await?.items;
    for limit in 1..=all.len() as u32 + 1 {
        for walk in histories(side, &chat, Limit::new(limit)?).await? {
            tally.check(I9, walk == all, || format!("{}: a history by {limit}", side.name));
        }
    }
    Ok(())
}

/// Downwards from the front, and upwards again from where that ended.
async fn listings(
    side: &Side,
    owner: UserId,
    archived: bool,
    limit: Limit,
) -> Result<[Vec<Conversation>; 2]> {
    let query = listing(archived, limit);
    let read = async |cursor| side.store.list(owner, query.at(cursor)).await;
    let down = walk(side.store.list(owner, query).await?, |page| page.next, read).await?;
    let last = down.last().cloned().unwrap_or_else(|| Page::new(Vec::new(), None, None));
    let mut up = walk(last, |page| page.previous, read).await?;
    up.reverse();
    Ok([joined(down), joined(up)])
}

/// From the first page forwards, and from the last backwards.
async fn histories(side: &Side, chat: &Conversation, limit: Limit) -> Result<[Vec<Message>; 2]> {
    let (owner, id) = (chat.owner, chat.id);
    let read = async |cursor| side.store.messages(owner, id, MessageQuery::at(cursor, limit)).await;
    let first = side.store.messages(owner, id, MessageQuery::first(limit)).await?;
    let last = side.store.messages(owner, id, MessageQuery::last(limit)).await?;
    let down = walk(first, |page| page.next, read).await?;
    let mut up = walk(last, |page| page.previous, read).await?;
    up.reverse();
    Ok([joined(down), joined(up)])
}

pub(super) async fn walk<T>(
    first: Page<T>,
    on: fn(&Page<T>) -> Option<Cursor>,
    read: impl AsyncFn(Cursor) -> Result<Page<T>>,
) -> Result<Vec<Page<T>>> {
    let mut pages = vec![first];
    while let Some(cursor) = pages.last().and_then(on).filter(|_| pages.len() < MOST_PAGES) {
        pages.push(read(cursor).await?);
    }
    Ok(pages)
}

pub(super) fn joined<T>(pages: Vec<Page<T>>) -> Vec<T> {
    pages.into_iter().flat_map(|page| page.items).collect()
}
