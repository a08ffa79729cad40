//! How fast we want to be, and whether we are.

use serde::Serialize;

use crate::{
    contender::Group,
    op::{
        Callers::{Crowd, Many, One, Threads},
        Cell, Op,
    },
    report::{Figures, P50, Spread, THROUGHPUT},
    stage::{CONNECT, DATA_CONNECTOR, GROUPED},
};

/// A bound on a median.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: String,
    pub(crate) value: Option<Spread>,
    pub(crate) met: bool,
}

/// All of them; one that was not measured is not met.
pub(crate) fn targets(figures: &Figures) -> Vec<Target> {
    [driver(figures), peer(figures), grouped(figures), embedded(figures)].concat()
}

/// Beside tokio-postgres on the same pool: a caller alone is answered as soon, many as often.
fn driver(figures: &Figures) -> Vec<Target> {
    let base = Group::Postgres.baseline();
    let latency = |op, callers| {
        let cell = Cell { group: Group::Postgres, op, callers };
        let what = format!("{}: p50 to {base}", cell.title());
        at_most(what, 1.05, figures.ratio(cell, CONNECT, base, P50))
    };
    let throughput = |op, callers| {
        let cell = Cell { group: Group::Postgres, op, callers };
        let what = format!("{}: calls/s to {base}", cell.title());
        at_least(what, 1.0, figures.ratio(cell, CONNECT, base, THROUGHPUT))
    };
    vec![
        throughput(Op::Newest, Many),
        latency(Op::Newest, One),
        latency(Op::Append, One),
        throughput(Op::Append, Many),
        latency(Op::Turn, One),
        throughput(Op::Turn, Many),
        latency(Op::Hot, Many),
        throughput(Op::Hot, Many),
        throughput(Op::List, One),
        throughput(Op::List, Many),
    ]
}

/// Beside the nearest crate.
fn peer(figures: &Figures) -> Vec<Target> {
    let times = |op, bound| {
        let cell = Cell { group: Group::Postgres, op, callers: Many };
        let what = format!("{}: calls/s to {DATA_CONNECTOR}", cell.title());
        at_least(what, bound, figures.ratio(cell, CONNECT, DATA_CONNECTOR, THROUGHPUT))
    };
    vec![times(Op::Newest, 2.0), times(Op::Turn, 3.0)]
}

/// Appends that share statements: many times the throughput, and nothing added for a caller alone.
fn grouped(figures: &Figures) -> Vec<Target> {
    let cell = |callers| Cell { group: Group::Postgres, op: Op::Append, callers };
    let base = Group::Postgres.baseline();
    vec![
        at_least(
            format!("{GROUPED}, {}: calls/s to {base}", cell(Crowd).title()),
            3.0,
            figures.ratio(cell(Crowd), GROUPED, base, THROUGHPUT),
        ),
        at_most(
            format!("{GROUPED}, {}: p50 to {CONNECT}", cell(One).title()),
            1.1,
            figures.ratio(cell(One), GROUPED, CONNECT, P50),
        ),
    ]
}

fn embedded(figures: &Figures) -> Vec<Target> {
    let (map, rusqlite) = (Group::Memory.baseline(), Group::Sqlite.baseline());
    let memory = Cell { group: Group::Memory, op: Op::Newest, callers: Threads(1) };
    let sqlite = Cell { group: Group::Sqlite, op: Op::Newest, callers: One };
    vec![
        at_most("memory, newest 50: p50 in us".into(), 1.0, figures.p50(memory, "memory")),
        at_least(
            format!("memory, newest 50: calls/s to {map}"),
            6.0,
            figures.ratio(memory, "memory", map, THROUGHPUT),
        ),
        // "Scales" wants a number: less than this, and a second core is mostly wasted.
        at_least(
            "memory, newest 50: calls/s of 2 threads to 1".into(),
            1.6,
            figures.scaling("memory", Op::Newest, [Threads(2), Threads(1)]),
        ),
        at_most(
            format!("sqlite, newest 50: p50 to {rusqlite}"),
            1.2,
            figures.ratio(sqlite, "sqlite", rusqlite, P50),
        ),
    ]
}

fn at_most(what: String, bound: f64, value: Option<Spread>) -> Target {
    let met = value.is_some_and(|value| value.median <= bound);
    Target { what, bound: format!("<= {bound:.2}"), value, met }
}

fn at_least(what: String, bound: f64, value: Option<Spread>) -> Target {
    let met = value.is_some_and(|value| value.median >= bound);
    Target { what, bound: format!(">= {bound:.2}"), value, met }
}
