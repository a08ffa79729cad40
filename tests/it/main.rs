//! The tests, in one binary: linked once, and sharing one PostgreSQL server.

mod architecture;
mod ground;
mod support;
