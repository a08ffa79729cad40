//! The tests that use the crate as its users do.

mod conformance;
