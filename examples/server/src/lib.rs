//! The parts of the server, for its program and its tests.
