//! The page in a real browser: Chromium, driven as a person would.

mod access;
mod cdp;
mod checks;
mod driver;
mod events;
mod expiry;
mod history;
mod looks;
mod manage;
mod markup;
mod person;
mod scrolling;
mod sending;
mod shots;
mod site;
mod storyteller;
mod strangers;
mod streaming;
mod tab;
mod tabs;

use site::Site;
use tab::Browser;

/// A server with nothing in it, and a browser in which Ann has signed in.
async fn ann() -> (Site, Browser) {
    let site = Site::start().await;
    let browser = Browser::open().await;
    browser.sign_in(&site, "ann").await;
    (site, browser)
}
