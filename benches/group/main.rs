//! How many turns a second are stored with and without [`GroupingStore`], and how long one takes.
//!
//! PostgreSQL is the server that `SCROLLBACK_TEST_DATABASE_URL` names, or one of the bench's own, which
//! does not wait for the disk: name a server with `fsync = on` to learn what grouping gains. All ways are
//! measured in turn, in an order of chance, `SCROLLBACK_GROUP_ROUNDS` times; what is shown is the median of
//! the ratios of each round, because a busy machine changes from round to round.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

mod measure;
#[expect(dead_code, unused_imports, reason = "the tests stop servers and listen in; this does not")]
#[path = "../../tests/it/support/mod.rs"]
mod support;

use std::{env, str::FromStr, sync::Arc, time::Duration};

use measure::{Figures, Seat, Way, alternate, measure, shuffled};
use scrollback::{
    Connect, ConversationStore, GroupingStore, NewConversation, Pool, SeaOrmStore, Tables, UserId,
    Users,
};
use tokio::runtime::Runtime;

use support::{Schema, cluster};

const CALLERS: [usize; 4] = [4, 8, 16, 64];

/// How many statements may be under way at once, where turns share them.
const STATEMENTS: [u32; 5] = [1, 2, 3, 4, 8];

/// As many as the store without groups can use at once.
const CONNECTIONS: u32 = 8;

fn main() {
    let runtime = Runtime::new().expect("a runtime needs no permission");
    runtime.block_on(run());
}

async fn run() {
    let schema = Schema::create().await;
    let store = open(&schema).await;
    let seats = seats(&store).await;
    let ways = ways(&store);
    let (rounds, seconds) =
        (from_env("SCROLLBACK_GROUP_ROUNDS", 7), from_env("SCROLLBACK_GROUP_SECONDS", 1.0));
    println!(
        "medians of {rounds} rounds of {seconds} s: turns a second, the time of one at the median, \
              and both as parts of what the store does by itself"
    );
    let time = Duration::from_secs_f64(seconds);
    let mut found = Vec::new();
    for round in 0..rounds {
        found.push(alternate(&ways, seats[0], time, round).await);
    }
    show(1, &ways, &found);
    for callers in CALLERS {
        let mut found = Vec::new();
        for round in 0..rounds {
            let mut figures = vec![Figures::default(); ways.len()];
            for way in shuffled(ways.len(), round) {
                figures[way] = measure(&ways[way].1, &seats[..callers], time).await;
            }
            found.push(figures);
        }
        show(callers, &ways, &found);
    }
}

/// Shows what was found in each round for each way.
fn show(callers: usize, ways: &[Way], found: &[Vec<Figures>]) {
    for (way, (name, _)) in ways.iter().enumerate() {
        let values = |of: fn(&Figures) -> f64| median(found.iter().map(|round| of(&round[way])));
        let ratios = |of: fn(&Figures) -> f64| {
            median(found.iter().map(|round| of(&round[way]) / of(&round[0])))
        };
        println!(
            "{callers:>2} callers, {name:<14} {:>7.0}/s ×{:.2}   {:>6.0} µs ×{:.2}",
            values(|it| it.a_second),
            ratios(|it| it.a_second),
            values(|it| it.median_micros),
            ratios(|it| it.median_micros),
        );
    }
}

async fn open(schema: &Schema) -> SeaOrmStore {
    let connect = Connect::new(&cluster().url()).expect("the URL was used before");
    let pool = Pool::open(connect.with_max_connections(CONNECTIONS)).await;
    let tables = Tables::default().with_schema(schema.name()).expect("the name is short");
    let store = SeaOrmStore::new(pool.expect("the server is there")).with_tables(tables);
    store.migrate(&Users::Unchecked).await.expect("the schema is empty");
    store
}

/// A conversation for each caller, of an owner of its own.
async fn seats(store: &SeaOrmStore) -> Vec<Seat> {
    let mut seats = Vec::new();
    for number in 1..=CALLERS[CALLERS.len() - 1] {
        let owner = UserId::new(number as i64);
        let chat = store.create(owner, NewConversation::new()).await;
        seats.push((owner, chat.expect("the server has time").id));
    }
    seats
}

/// The store by itself first.
fn ways(store: &SeaOrmStore) -> Vec<Way> {
    let alone: Arc<dyn ConversationStore> = Arc::new(store.clone());
    let grouping = STATEMENTS.map(|statements| {
        let store = GroupingStore::new(store.clone()).with_max_statements(statements);
        (format!("{statements} statements"), Arc::new(store) as Arc<dyn ConversationStore>)
    });
    [("by itself".to_owned(), alone)].into_iter().chain(grouping).collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn from_env<T: FromStr>(name: &str, otherwise: T) -> T {
    let Ok(text) = env::var(name) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{name} must be a number"))
}
