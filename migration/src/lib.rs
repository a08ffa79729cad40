//! The tables of scrollback.
