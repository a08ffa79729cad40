//! `--growth`: what a call costs, by how long the conversation is and how large the tables are.

mod point;
mod table;

use std::{collections::BTreeMap, sync::Arc};

use fastrand::Rng;
use serde::Serialize;

use crate::{
    args::Args, contender::Result, data::Bodies, progress, report::Spread, server::Server,
};
use point::{CALLS, Kind};
use table::{LENGTHS, Table};

/// All that was measured, one series for each operation.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    pub(crate) series: Vec<Series>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Series {
    pub(crate) title: &'static str,
    /// The conversations that are long enough for the operation.
    pub(crate) lengths: Vec<u32>,
    pub(crate) tables: Vec<Costs>,
    /// The largest cost of all to the smallest.
    pub(crate) ratio: f64,
}

/// The costs in tables of one size.
#[derive(Debug, Serialize)]
pub(crate) struct Costs {
    pub(crate) rows: u64,
    /// By the length of the conversation: the median over the rounds of each round's median.
    pub(crate) p50_us: BTreeMap<u32, f64>,
    /// Round by round: how far it went.
    pub(crate) spread_us: BTreeMap<u32, Spread>,
    /// The largest cost to the smallest.
    pub(crate) ratio: f64,
}

/// How many messages the tables hold, a database each.
const ROWS: [u64; 3] = [100_000, 1_000_000, 10_000_000];

/// The p50 of every round, by operation, table and length.
type Medians = BTreeMap<(Kind, u64, u32), Vec<f64>>;

/// Seeds the tables and measures everything in each round, in an order that is drawn anew.
pub(crate) async fn run(args: &Args, seed: u64) -> Result<(Growth, Server)> {
    let server = Server::start(!args.no_durability).await?;
    let bodies = Arc::new(Bodies::new(seed));
    let mut tables = Vec::new();
    for rows in ROWS.into_iter().filter(|rows| *rows <= args.growth_rows.max(ROWS[0])) {
        progress(&format!("growth: seeding {rows} messages"));
        tables.push(Table::seed(&server, rows, seed, &bodies).await?);
    }
    let mut random = Rng::with_seed(seed);
    let mut medians = Medians::new();
    for round in 1..=args.rounds() {
        progress(&format!("growth: round {round} of {}", args.rounds()));
        self::round(&server, &tables, &bodies, &mut random, &mut medians).await?;
    }
    let series = Kind::ALL.into_iter().map(|kind| series(kind, &tables, &medians));
    Ok((Growth { series: series.collect() }, server))
}

async fn round(
    server: &Server,
    tables: &[Table],
    bodies: &Arc<Bodies>,
    random: &mut Rng,
    medians: &mut Medians,
) -> Result<()> {
    server.checkpoint().await?;
    let mut points = Vec::new();
    for table in tables {
        points.extend(Kind::ALL.into_iter().flat_map(|kind| {
            let lengths = table.lengths().filter(move |length| kind.suits(*length));
            lengths.map(move |length| (table, kind, length))
        }));
    }
    random.shuffle(&mut points);
    // The same texts at every point: what differs is the place, not the work.
    let texts = random.u64(..);
    for (table, kind, length) in points {
        let median = table.measure(kind, length, bodies, texts).await?;
        medians.entry((kind, table.rows, length)).or_default().push(median);
    }
    Ok(())
}

fn series(kind: Kind, tables: &[Table], medians: &Medians) -> Series {
    let tables: Vec<_> = tables.iter().map(|table| costs(kind, table.rows, medians)).collect();
    let all = tables.iter().flat_map(|table| table.p50_us.values().copied());
    let ratio = ratio(all);
    let lengths = LENGTHS.into_iter().filter(|length| kind.suits(*length)).collect();
    Series { title: kind.title(), lengths, tables, ratio }
}

fn costs(kind: Kind, rows: u64, medians: &Medians) -> Costs {
    let of_table = medians.iter().filter(|((of, table, _), _)| (*of, *table) == (kind, rows));
    let spread_us: BTreeMap<_, _> = of_table
        .filter_map(|((.., length), rounds)| Some((*length, Spread::of(rounds.iter().copied())?)))
        .collect();
    let p50_us: BTreeMap<_, _> =
        spread_us.iter().map(|(length, spread)| (*length, spread.median)).collect();
    let ratio = ratio(p50_us.values().copied());
    Costs { rows, p50_us, spread_us, ratio }
}

fn ratio(costs: impl Iterator<Item = f64>) -> f64 {
    Spread::of(costs).map_or(1.0, |spread| spread.max / spread.min)
}

/// For the title of the tables.
pub(crate) fn method() -> String {
    format!("one caller over our fastest connection, {CALLS} calls at each point of a round")
}
