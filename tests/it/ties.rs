//! Conversations that changed in the same microsecond: the listing has them by id, in pages of every
//! size and in both directions.

use scrollback::{Conversation, ConversationQuery, Limit, Page, Result};
use scrollback_proof::{I13, Trial, control};

use crate::concurrent::{Place, create, execute, on_postgres, on_sqlite};

const CHATS: usize = 7;

#[tokio::test]
async fn ties_are_broken_by_id_on_postgres() {
    let (place, schema) = on_postgres().await;

    by_id("postgres", &place, &format!("{}.conversations", schema.name())).await;
}

#[tokio::test]
async fn ties_are_broken_by_id_on_sqlite() {
    let (place, _folder) = on_sqlite().await;

    by_id("sqlite", &place, "conversations").await;
}

#[tokio::test]
async fn ties_in_another_order_are_found() {
    let (place, _folder) = on_sqlite().await;
    let (store, ids) = (place.open(1).await, tied(&place, "conversations").await);

    let wrong = wrong_walks(&ids, async |query| {
        let mut page = store.list(place.owner(), query).await?;
        page.items.sort_by_key(|chat| (std::cmp::Reverse(chat.updated_at), chat.id));
        Ok(page)
    });
    let wrong = wrong.await.unwrap();

    control(I13, "a listing whose ties are the other way round", wrong > 0, 1);
    assert!(wrong > 0);
}

async fn by_id(name: &str, place: &Place, table: &str) {
    let (store, ids) = (place.open(1).await, tied(place, table).await);

    let wrong = wrong_walks(&ids, async |query| store.list(place.owner(), query).await);
    let wrong = wrong.await.unwrap();

    Trial::of(I13, format!("walks through conversations of one activity time, {name}"))
        .times(2 * (CHATS + 1))
        .wrong("not by id", wrong)
        .record();
    assert_eq!(wrong, 0);
}

/// Conversations with one activity time, and their ids in the order of the listing.
async fn tied(place: &Place, table: &str) -> Vec<i64> {
    let mut ids = create(&place.open(1).await, place.owner(), CHATS).await;
    let latest = format!("UPDATE {table} SET updated_at = (SELECT max(updated_at) FROM {table})");
    execute(place, &latest).await;
    ids.reverse();
    ids
}

/// Walks down and up again with every limit that makes a difference.
async fn wrong_walks(
    ids: &[i64],
    list: impl AsyncFn(ConversationQuery) -> Result<Page<Conversation>>,
) -> Result<usize> {
    let mut wrong = 0;
    for limit in 1..=CHATS as u32 + 1 {
        let query = ConversationQuery::new(Limit::new(limit)?);
        let mut pages = vec![list(query).await?];
        while let Some(cursor) = pages[pages.len() - 1].next {
            pages.push(list(query.at(cursor)).await?);
        }
        let mut up = vec![pages[pages.len() - 1].clone()];
        while let Some(cursor) = up[up.len() - 1].previous {
            up.push(list(query.at(cursor)).await?);
        }
        up.reverse();
        for walk in [pages, up] {
            let walked = walk.iter().flat_map(|page| &page.items).map(|chat| chat.id.get());
            wrong += usize::from(!walked.eq(ids.iter().copied()));
        }
    }
    Ok(wrong)
}
