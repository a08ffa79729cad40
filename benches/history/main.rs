//! How fast histories are read and turns are appended, on all three stores.
//!
//! PostgreSQL is the server that `SCROLLBACK_TEST_DATABASE_URL` names, or one of the bench's own,
//! which does not wait for the disk: name a server to learn what a durable append costs.

#[path = "../../tests/it/model/stores.rs"]
mod stores;
#[expect(dead_code, unused_imports, reason = "the tests stop servers and listen in; this does not")]
#[path = "../../tests/it/support/mod.rs"]
mod support;

use std::{sync::Arc, time::Duration};

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use futures_util::TryStreamExt;
use scrollback::{
    ConversationId, ConversationStore, ConversationStoreExt, Limit, MessageQuery, NewConversation,
    NewMessage, Position, Result, Turn, UserId, limit,
};
use tokio::runtime::Runtime;

use stores::Stores;

const OWNER: UserId = UserId::new(1);

/// A refusal would look like a very fast store.
const ANSWERED: &str = "the conversation is there and the server has time";

/// A store, and a conversation in it that holds some number of messages.
struct Seeded {
    name: &'static str,
    store: Arc<dyn ConversationStore>,
    chat: ConversationId,
}

fn main() -> Result<()> {
    let runtime = Runtime::new().expect("a runtime needs no permission");
    let stores = runtime.block_on(Stores::open())?;
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    reads(&mut criterion, &runtime, &stores)?;
    appends(&mut criterion, &runtime, &stores)?;
    criterion.final_summary();
    Ok(())
}

fn reads(criterion: &mut Criterion, runtime: &Runtime, stores: &Stores) -> Result<()> {
    let page = Limit::new(50)?;
    let middle = Position::new(50_000).unwrap_or(Position::FIRST);
    let small = runtime.block_on(seeded(stores, 100))?;
    let medium = runtime.block_on(seeded(stores, 10_000))?;
    let large = runtime.block_on(seeded(stores, 100_000))?;
    fetch(criterion, runtime, "newest 50 of 100", &small, MessageQuery::last(page));
    fetch(criterion, runtime, "newest 50 of 100,000", &large, MessageQuery::last(page));
    let deep = MessageQuery::before(middle, page);
    fetch(criterion, runtime, "50 before position 50,000 of 100,000", &large, deep);
    walk(criterion, runtime, &medium);
    Ok(())
}

/// Reads one page again and again.
fn fetch(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    conversations: &[Seeded],
    query: MessageQuery,
) {
    let mut group = elements(criterion, name, 50);
    for Seeded { name, store, chat } in conversations {
        group.bench_function(*name, |bencher| {
            bencher
                .to_async(runtime)
                .iter(|| async { store.messages(OWNER, *chat, query).await.expect(ANSWERED) });
        });
    }
}

fn walk(criterion: &mut Criterion, runtime: &Runtime, conversations: &[Seeded]) {
    let mut group = elements(criterion, "walk through 10,000", 10_000);
    for Seeded { name, store, chat } in conversations {
        group.bench_function(*name, |bencher| {
            bencher.to_async(runtime).iter(|| async {
                let all = store.walk_messages(OWNER, *chat).try_collect::<Vec<_>>();
                all.await.expect(ANSWERED)
            });
        });
    }
}

fn appends(criterion: &mut Criterion, runtime: &Runtime, stores: &Stores) -> Result<()> {
    let conversations = runtime.block_on(seeded(stores, 100))?;
    append(criterion, runtime, "append one message", &conversations, &turn(1)?);
    append(criterion, runtime, "append a turn of two", &conversations, &turn(2)?);
    Ok(())
}

fn append(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    conversations: &[Seeded],
    turn: &Turn,
) {
    let mut group = elements(criterion, name, turn.messages().len() as u64);
    for Seeded { name, store, chat } in conversations {
        group.bench_function(*name, |bencher| {
            bencher
                .to_async(runtime)
                .iter(|| async { store.append(OWNER, *chat, turn.clone()).await.expect(ANSWERED) });
        });
    }
}

fn elements<'a>(
    criterion: &'a mut Criterion,
    name: &str,
    messages: u64,
) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(messages));
    group
}

/// A conversation of so many messages in every store.
async fn seeded(stores: &Stores, messages: usize) -> Result<Vec<Seeded>> {
    let mut conversations = Vec::new();
    for (name, store) in stores.list() {
        let chat = store.create(OWNER, NewConversation::new()).await?.id;
        for sent in (0..messages).step_by(limit::MAX_TURN_MESSAGES) {
            let length = limit::MAX_TURN_MESSAGES.min(messages - sent);
            store.append(OWNER, chat, turn(length)?).await?;
        }
        conversations.push(Seeded { name, store: Arc::clone(store), chat });
    }
    Ok(conversations)
}

/// Messages of 200 bytes, which is what people and chatbots write on average or less.
fn turn(length: usize) -> Result<Turn> {
    Turn::new(vec![NewMessage::user("0123456789".repeat(20)); length])
}
