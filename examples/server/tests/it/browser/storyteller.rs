//! A bot that says half of its reply, and waits to be allowed the rest.

use crate::endpoint::{DONE, Endpoint, Manner, Step};

use super::{Browser, Site};

pub(super) const FIRST_HALF: &str = "Once upon a time";
pub(super) const SECOND_HALF: &str = " there was an end.";

/// Whether the first half of the reply is shown while it comes.
pub(super) const IS_HALF: &str = "[...document.querySelectorAll('#tail .assistant .text')]
    .some((text) => text.textContent === 'Once upon a time')";

/// The endpoint of such a bot, a server that asks it, and a browser in which Ann has signed in.
pub(super) async fn storyteller() -> (Endpoint, Site, Browser) {
    let [first, second] = [FIRST_HALF, SECOND_HALF].map(|text| Step::Say(text.to_owned()));
    let manner = Manner::Streams(vec![first, Step::Wait, second, DONE]);
    let endpoint = Endpoint::start([manner.clone(), manner]).await;
    let site = Site::start_with(&["--bot-url", &endpoint.url]).await;
    let browser = Browser::open().await;
    browser.sign_in(&site, "ann").await;
    (endpoint, site, browser)
}
