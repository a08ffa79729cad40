//! The proof that the promises of `scrollback` hold: which promises there are, what the tests tried
//! against each, and what they found.
//!
//! A test says what it has done with [`Trial`], and what it has done to itself with [`control`]: a
//! test that has never failed proves nothing, so every promise needs a seeded defect that its tests
//! catch. Nothing is written unless `SCROLLBACK_PROOF` names a file; `scripts/test` and
//! `scripts/prove` set it, and have the program of this crate judge the file afterwards.
//!
//! ```no_run
//! use scrollback_proof::{F4, Trial, control};
//!
//! let (cut, doubled) = (412, 0);
//! Trial::of(F4, "calls, cut at every frame boundary").times(cut).wrong("stored twice", doubled).record();
//! control(F4, "a call that is sent again without its key", 1, 1);
//! ```

mod entry;
mod report;
mod row;
mod run;
mod shell;
mod trial;

pub use entry::{Entry, read};
pub use report::Report;
pub use row::*;
pub use run::{has_passed, run, skip};
pub use trial::{Trial, control, not_run, version};
