//! `cargo bench --bench compare`: scrollback beside drivers, ORMs and the nearest crate, on the same
//! data, the same machine and the same server. `bench/README.md` says how it measures.

mod args;
mod audit;
#[expect(dead_code, reason = "the tests break servers in ways that this does not")]
#[path = "../../tests/it/support/cluster/mod.rs"]
mod cluster;
mod contender;
mod data;
mod entry;
mod growth;
mod machine;
mod op;
mod peers;
mod report;
mod rounds;
mod seed;
mod server;
mod slice;
mod stage;
mod statements;
mod targets;
mod verify;

use std::sync::Arc;

use crate::{
    args::Args,
    contender::{Group, Result},
    data::{Bodies, Plan},
    machine::Machine,
    report::{Figures, Report, say},
    rounds::Rounds,
    stage::{NAMES, Stage, wanted},
};

#[tokio::main]
async fn main() -> Result<()> {
    let names: Vec<_> = NAMES.iter().flat_map(|(_, names)| *names).copied().collect();
    let args = Args::read(&names);
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let machine = Machine::look();
    say(&machine.line());
    say(&format!("seed {seed}: the same again with --seed {seed}"));
    if args.growth {
        growth(&args, &machine, seed).await
    } else {
        compare(&args, &machine, seed).await
    }
}

/// Everybody beside everybody, group by group.
async fn compare(args: &Args, machine: &Machine, seed: u64) -> Result<()> {
    let bodies = Arc::new(Bodies::new(seed));
    let (plan, work) = Plan::new(args.messages(), seed);
    let rounds = Rounds { args, seed, work: Arc::new(work), bodies: Arc::clone(&bodies) };
    let mut report = Report::new(args, machine, seed);
    let mut figures = Figures::default();
    for group in Group::ALL {
        if wanted(args, group).is_empty() {
            continue;
        }
        let stage = Stage::open(group, args, &plan, &bodies).await?;
        verify::verify(group, &stage.entries, &plan, &rounds.work, &bodies).await?;
        let slices = rounds.run(group, &stage).await?;
        if let Some(server) = &stage.server {
            audit::audit(server, &stage.entries).await?;
            report.server = server.settings().await?;
        }
        figures.add(group, &stage.entries, slices);
    }
    report.targets = targets::targets(&figures);
    report::print(&figures.lines);
    if args.targets {
        report::print_targets(&report.targets);
    }
    for group in Group::ALL {
        if let Some(picture) = report::comparison(group, &figures.lines)? {
            say(&format!("{}", picture.display()));
        }
    }
    report.lines = figures.lines;
    say(&report.write("compare.json")?.display().to_string());
    Ok(())
}

async fn growth(args: &Args, machine: &Machine, seed: u64) -> Result<()> {
    let (growth, server) = growth::run(args, seed).await?;
    let mut report = Report::new(args, machine, seed);
    report.server = server.settings().await?;
    say(&growth::method());
    report::print_growth(&growth);
    report.growth = Some(&growth);
    say(&report::growth(&growth)?.display().to_string());
    say(&report.write("compare-growth.json")?.display().to_string());
    Ok(())
}

/// Where the run is, beside the figures.
#[expect(clippy::print_stderr, reason = "a run takes minutes, and standard output is its result")]
fn progress(line: &str) {
    eprintln!("{line}");
}
