//! The tests that use the crate as its users do.

mod broken;
mod conformance;
