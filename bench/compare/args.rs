//! What is asked for.

use clap::{CommandFactory, Parser, error::ErrorKind};

use crate::op::Op;

/// Compares scrollback with drivers, ORMs and the nearest crate, on one PostgreSQL server of its own.
#[derive(Clone, Debug, Parser)]
#[command(name = "compare", bin_name = "cargo bench --bench compare --")]
pub(crate) struct Args {
    /// How often everything is measured; 7, and 3 with --quick
    #[arg(long)]
    rounds: Option<usize>,

    /// How many messages the tables hold; 1000000, and 100000 with --quick
    #[arg(long)]
    messages: Option<u64>,

    /// Only these contenders, beside what they are compared with: sqlx,data-connector
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// Only these operations: newest,deep,append,turn,hot,list,walk
    #[arg(long, value_delimiter = ',')]
    ops: Vec<String>,

    /// Little data and few rounds, to see it work
    #[arg(long)]
    quick: bool,

    /// What the order of everything and the data are drawn from
    #[arg(long)]
    pub(crate) seed: Option<u64>,

    /// How long one contender is measured at a time, in milliseconds
    #[arg(long, default_value_t = 500)]
    pub(crate) slice: u64,

    /// Without waiting for the disk: what is left is not the disk's
    #[arg(long)]
    pub(crate) no_durability: bool,

    /// Whether the targets are met
    #[arg(long)]
    pub(crate) targets: bool,

    /// How costs grow with conversations and tables, instead of the comparison
    #[arg(long)]
    pub(crate) growth: bool,

    /// The largest table of --growth
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) growth_rows: u64,

    /// `cargo bench` says so
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// Those of the command line; ends the process where they cannot be followed.
    pub(crate) fn read(known: &[&str]) -> Self {
        let args = Self::parse();
        args.refuse_unknown("--only", &args.only, known);
        args.refuse_unknown("--ops", &args.ops, &Op::ALL.map(Op::key));
        if args.messages() < 50_000 {
            Self::command().error(ErrorKind::ValueValidation, "--messages: at least 50000").exit();
        }
        args
    }

    fn refuse_unknown(&self, option: &str, given: &[String], known: &[&str]) {
        if let Some(unknown) = given.iter().find(|given| !known.contains(&given.as_str())) {
            let known = known.join(", ");
            let reason = format!("{option}: {unknown} is none of {known}");
            Self::command().error(ErrorKind::InvalidValue, reason).exit();
        }
    }

    pub(crate) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 3 } else { 7 }).max(1)
    }

    pub(crate) fn messages(&self) -> u64 {
        self.messages.unwrap_or(if self.quick { 100_000 } else { 1_000_000 })
    }

    /// Whether this contender is asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }

    /// Whether this operation is asked for.
    pub(crate) fn asks(&self, op: Op) -> bool {
        self.ops.is_empty() || self.ops.iter().any(|asked| asked == op.key())
    }
}
