//! F10: the clock is wrong, and is set forwards and backwards while a store is in use.
//!
//! The clocks are set by libfaketime: that of a private PostgreSQL server, and that of a process with
//! the stores on SQLite and in memory. `SCROLLBACK_CLOCK_STEPS` sets how often each is set. `ahead` sets the times
//! in the tables instead.

mod ahead;
mod child;
mod order;
mod steps;

use scrollback::{ConversationId, SeaOrmStore};
use scrollback_proof::{F10, Trial, control};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};
use tokio::task::block_in_place;

use crate::{
    concurrent::{Place, from_env},
    support::{Cluster, Hardware},
};
use order::Watch;
use steps::{Found, Stepped};

const HOUR: i64 = 3600;

fn steps() -> u64 {
    from_env("SCROLLBACK_CLOCK_STEPS").unwrap_or(20)
}

/// A server whose clock can be set, and a store there.
struct OnPostgres {
    server: Cluster,
    place: Place,
    store: SeaOrmStore,
}

impl OnPostgres {
    async fn new() -> Self {
        let server = block_in_place(|| Cluster::start_on(&Hardware::clock()));
        let place = Place::at(server.url()).await;
        let store = place.sql_store(2).await;
        Self { server, place, store }
    }

    async fn now(&self) -> i64 {
        let mut session = PgConnection::connect(&self.server.url()).await.unwrap();
        let now = "SELECT extract(epoch FROM clock_timestamp())::bigint";
        query_scalar(now).fetch_one(&mut session).await.unwrap()
    }

    /// What somebody does who asks the clock, and nothing else.
    async fn run(&self, sql: String) {
        let mut session = PgConnection::connect(&self.server.url()).await.unwrap();
        raw_sql(AssertSqlSafe(sql)).execute(&mut session).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_does_not_depend_on_the_clock_of_postgres() {
    let postgres = OnPostgres::new().await;
    let mut stepped = Stepped::new(&postgres.store, postgres.place.owner()).await;

    for _ in 0..steps() {
        let offset = stepped.choose_offset();
        block_in_place(|| postgres.server.set_clock(offset));
        stepped.go_on(postgres.now().await).await;
    }

    record("postgres", &stepped.end().await);
}

#[test]
fn order_does_not_depend_on_the_clock_of_sqlite_and_memory() {
    let founds = child::run(steps());

    assert_eq!(founds.len(), 2, "SQLite and memory");
    for (name, found) in founds {
        record(&name, &found);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_trusts_the_clock_is_found() {
    let postgres = OnPostgres::new().await;
    let (owner, mut watch) = (postgres.place.owner(), Watch::default());
    let mut stepped = Stepped::new(&postgres.store, owner).await;
    stepped.go_on(postgres.now().await).await;
    let chat = stepped.chat(0);
    watch.look(&postgres.store, owner, chat).await;
    block_in_place(|| postgres.server.set_clock(-HOUR));

    postgres.run(update(chat)).await;
    watch.look(&postgres.store, owner, chat).await;
    let by_update = watch.take();
    postgres.run(insert(chat)).await;
    watch.look(&postgres.store, owner, chat).await;
    let by_insert = watch.take();
    block_in_place(|| postgres.server.set_clock(-2 * HOUR));
    postgres.run(stand(chat)).await;
    watch.look(&postgres.store, owner, chat).await;
    let by_standing = watch.take();

    let found = [&by_update, &by_insert, &by_standing];
    let caught = found.iter().filter(|found| !found.is_empty()).count();
    let defects =
        "`clock_timestamp()` for an update, and for a new message, and a time that stands";
    control(F10, defects, caught, 3);
    assert_eq!(caught, 3, "{found:?}");
    assert!(by_standing.iter().any(|wrong| wrong.contains("two states")), "{by_standing:?}");
}

/// What never goes back, and does not go on either while the clock is behind.
fn stand(chat: ConversationId) -> String {
    let set = "title = 'new', updated_at = greatest(updated_at, clock_timestamp())";
    format!("UPDATE conversations SET {set} WHERE id = {chat}")
}

fn update(chat: ConversationId) -> String {
    format!("UPDATE conversations SET updated_at = clock_timestamp() WHERE id = {chat}")
}

fn insert(chat: ConversationId) -> String {
    format!(
        "WITH owned AS (
           UPDATE conversations SET message_count = message_count + 1 WHERE id = {chat} RETURNING *)
         INSERT INTO messages
           (user_id, conversation_id, position, turn_index, role, content, created_at)
         SELECT user_id, id, message_count, 1, 'user', 'next', clock_timestamp() FROM owned"
    )
}

fn record(name: &str, found: &Found) {
    Trial::of(F10, format!("steps of the clock by up to an hour and back, {name}"))
        .times(found.steps)
        .wrong("places or times out of order", found.wrong.len())
        .figure("steps backwards that the store's own clock showed", found.backwards)
        .figure("turns appended", found.turns)
        .figure("pages of listings compared", found.pages)
        .seed(found.seed)
        .record();
    assert!(found.wrong.is_empty(), "{name}: {:?}", found.wrong);
    assert!(found.backwards > 0, "{name}: the clock never stepped back");
}
