//! The server as a program, and its page in a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
