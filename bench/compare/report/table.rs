//! The tables on standard output.

#![expect(clippy::print_stdout, reason = "what a benchmark finds is its output")]

use super::{Line, Outcome, Spread, Summary};
use crate::{growth::Growth, op::Cell, targets::Target};

/// Everything that was compared, a table for each operation.
pub(crate) fn print(lines: &[Line]) {
    let mut last = None;
    for line in lines {
        if last.replace(line.cell) != Some(line.cell) {
            head(line.cell);
        }
        match &line.outcome {
            Outcome::Measured(summary) => row(line.contender, summary),
            Outcome::Missing(reason) => println!("{:<16} -- {reason}", line.contender),
        }
    }
}

fn head(cell: Cell) {
    println!("\n{}: {}", cell.group.title(), cell.title());
    println!(
        "{:<16} {:>10} {:>10} {:>11} {:>8}  {:<20} {:<20}",
        "", "p50 us", "p99 us", "calls/s", "CPU us", "p50 ratio", "throughput ratio"
    );
}

fn row(name: &str, summary: &Summary) {
    let Summary { p50_us, p99_us, per_second, cpu_us, p50_ratio, throughput_ratio, .. } = summary;
    println!(
        "{name:<16} {:>10} {:>10} {per_second:>11.0} {:>8}  {:<20} {:<20}",
        short(*p50_us),
        short(*p99_us),
        short(*cpu_us),
        p50_ratio.as_ref().map_or_else(none, spread),
        throughput_ratio.as_ref().map_or_else(none, spread)
    );
}

/// Microseconds with as many digits as say something.
fn short(micros: f64) -> String {
    match micros {
        ..10.0 => format!("{micros:.3}"),
        10.0..1_000.0 => format!("{micros:.1}"),
        _ => format!("{micros:.0}"),
    }
}

fn none() -> String {
    "--".to_owned()
}

fn spread(Spread { median, min, max }: &Spread) -> String {
    format!("{median:.2} ({min:.2}..{max:.2})")
}

/// Which targets are met.
pub(crate) fn targets(targets: &[Target]) {
    println!("\nTargets");
    for Target { what, bound, value, met } in targets {
        let (value, verdict) = match (value, met) {
            (Some(value), true) => (spread(value), "met"),
            (Some(value), false) => (spread(value), "NOT MET"),
            (None, _) => (none(), "not measured"),
        };
        println!("{what:<84} {bound:<9} {value:<20} {verdict}");
    }
}

/// How costs grow, an operation after the other.
pub(crate) fn growth(growth: &Growth) {
    for series in &growth.series {
        println!("\n{}: p50 in us, by messages of the conversation", series.title);
        let lengths: Vec<_> = series.lengths.iter().map(|length| format!("{length:>9}")).collect();
        println!("{:>12} {}  largest/smallest", "table rows", lengths.join(" "));
        for table in &series.tables {
            let cost = |length| table.p50_us.get(length).map_or_else(String::new, |us| short(*us));
            let costs: Vec<_> = series.lengths.iter().map(|n| format!("{:>9}", cost(n))).collect();
            println!("{:>12} {}  {:.2}", table.rows, costs.join(" "), table.ratio);
        }
        println!("largest/smallest of all tables and conversations: {:.2}", series.ratio);
    }
}

/// A line of its own.
pub(crate) fn say(line: &str) {
    println!("{line}");
}
