//! The main states of the page, in light and dark, on a desk and on a phone: each is checked, and a
//! picture of it taken.

use serde_json::json;

use super::{
    Browser, Site,
    checks::{check, check_names},
    shots,
};

/// What a person may say to the server's own bot.
const TALK: [&str; 4] = [
    "My name is Ann.",
    "What is my name?",
    "What did I say first?",
    "How many messages were there?",
];

/// What breaks careless layouts.
const UNBREAKABLE: &str =
    "https://example.org/a/very/long/path/that/does/not/end/anywhere/soon/and/has/no/space/in/it";

#[tokio::test]
async fn every_state_is_clear_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let site = Site::start().await;
    let browser = Browser::open().await;
    browser.goto(&site.url()).await;
    browser.find("#name").await;
    everywhere(&browser, "sign-in").await;

    desk(&browser).await;
    browser.give_name("ann").await;
    everywhere(&browser, "nothing-yet").await;

    desk(&browser).await;
    for text in
        ["Ideas for the garden", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "Trains to Oslo on Friday night"]
    {
        browser.begin().await;
        browser.talk(text).await;
    }
    browser.begin().await;
    for text in TALK {
        browser.talk(text).await;
    }
    everywhere(&browser, "chat").await;

    phone(&browser).await;
    browser.click("#show-list").await;
    in_both_schemes(&browser, "phone-list").await;

    desk(&browser).await;
    browser.begin().await;
    browser.talk(UNBREAKABLE).await;
    everywhere(&browser, "unbreakable").await;
}

/// On a desk and on a phone, in light and in dark.
async fn everywhere(browser: &Browser, state: &str) {
    desk(browser).await;
    in_both_schemes(browser, &format!("desktop-{state}")).await;
    phone(browser).await;
    in_both_schemes(browser, &format!("phone-{state}")).await;
}

async fn in_both_schemes(browser: &Browser, state: &str) {
    for (scheme, is_dark) in [("dark", true), ("light", false)] {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // A picture of something that moves would be another each time.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        browser.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128";
        browser.until(&format!("({ground}) === {is_dark}")).await;
        let state = format!("{state}-{scheme}");
        shots::take(browser, &state).await;
        check(browser, &state).await;
    }
    check_names(browser, state).await;
}

async fn desk(browser: &Browser) {
    screen(browser, 1280, 800, 1, false).await;
}

async fn phone(browser: &Browser) {
    screen(browser, 390, 844, 2, true).await;
}

async fn screen(browser: &Browser, width: u32, height: u32, scale: u32, mobile: bool) {
    let metrics =
        json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    browser.until(&format!("innerWidth === {width} && innerHeight === {height}")).await;
}
