//! A complete chat server: `cargo run --example server`.

fn main() {}
