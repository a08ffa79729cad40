//! The server as a program, and its page in a browser.

mod browser;
