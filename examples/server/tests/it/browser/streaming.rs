//! The answer is shown while it comes.

use super::{
    Browser, Site,
    bot::{FIRST_HALF, HesitantBot, SECOND_HALF},
};

#[tokio::test]
async fn the_answer_is_shown_before_its_end_and_said_aloud_once() {
    let bot = HesitantBot::start().await;
    let site = Site::start_with(&["--bot-url", &bot.url]);
    let browser = Browser::open().await;
    browser.sign_in(&site, "ann").await;
    browser.begin().await;

    browser.say("Tell me a story").await;
    // The bot says no more until it is allowed to.
    let half =
        format!("document.querySelector('#tail .assistant .text').textContent === '{FIRST_HALF}'");
    browser.until(&half).await;
    assert_eq!(browser.texts("#spoken").await, [""]);
    // Elsewhere one can write meanwhile, and what comes is there when one is back.
    browser.begin().await;
    browser.until("!document.querySelector('#tail').children.length").await;
    browser.choose("Tell me a story").await;
    browser.until(&half).await;
    bot.allow(1);

    let whole = format!("{FIRST_HALF}{SECOND_HALF}");
    assert_eq!(browser.settled(2).await, ["Tell me a story", &whole]);
    assert_eq!(browser.texts("#spoken").await, [format!("Bot: {whole}")]);
}
