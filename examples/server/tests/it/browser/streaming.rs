//! The answer is shown while it comes.

use super::storyteller::{FIRST_HALF, IS_HALF, SECOND_HALF, storyteller};

#[tokio::test]
async fn the_answer_is_shown_before_its_end_and_said_aloud_once() {
    let (bot, _site, browser) = storyteller().await;
    browser.begin().await;

    browser.say("Tell me a story").await;
    // The bot says no more until it is allowed to.
    browser.until(IS_HALF).await;
    assert_eq!(browser.texts("#spoken").await, [""]);
    let spoken = "return document.querySelector('#tail .assistant .text').closest(SPOKEN)?.id";
    let spoken = spoken.replace("SPOKEN", "'[aria-live], [role=log], [role=status], [role=alert]'");
    assert!(browser.run(&spoken).await.is_null(), "no part of it is read out");
    // Elsewhere one can write meanwhile, and what comes is there when one is back.
    browser.begin().await;
    browser.until("!document.querySelector('#tail').children.length").await;
    browser.choose("Tell me a story").await;
    browser.until(IS_HALF).await;
    bot.go_on();

    let whole = format!("{FIRST_HALF}{SECOND_HALF}");
    assert_eq!(browser.settled(2).await, ["Tell me a story", &whole]);
    assert_eq!(browser.texts("#spoken").await, [format!("Bot: {whole}")]);
}
