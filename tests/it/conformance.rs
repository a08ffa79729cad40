//! The conformance kit on the stores of this crate.

mod memory {
    scrollback::conformance_tests!(scrollback::conformance::MemoryFixture::default());
}
