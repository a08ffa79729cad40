//! The tests, in one binary: linked once, and sharing one PostgreSQL server.

mod architecture;
mod ground;
mod model;
mod support;
