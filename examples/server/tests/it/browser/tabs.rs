//! Several tabs and several devices on one conversation.

use super::{
    Browser, ann,
    storyteller::{IS_HALF, storyteller},
};

#[tokio::test]
async fn two_tabs_see_each_others_messages() {
    let (_site, browser) = ann().await;
    browser.talk("From the first tab").await;
    let first = browser.client.window().await.unwrap();
    let url = browser.client.current_url().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second.clone()).await.unwrap();
    browser.watch().await;
    browser.goto(url.as_str()).await;
    assert_eq!(browser.settled(2).await[0], "From the first tab");

    browser.talk("From the second tab").await;
    let said = browser.settled(4).await;
    browser.client.switch_to_window(first).await.unwrap();
    assert_eq!(browser.settled(4).await, said);

    browser.talk("From the first again").await;
    browser.client.switch_to_window(second).await.unwrap();
    assert_eq!(browser.settled(6).await[4], "From the first again");
}

#[tokio::test]
async fn a_tab_hears_from_another_before_it_asks_the_server() {
    let (_site, browser) = ann().await;
    browser.talk("From the first tab").await;
    let first = browser.client.window().await.unwrap();
    let url = browser.client.current_url().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second.clone()).await.unwrap();
    browser.watch().await;
    browser
        .cdp("Page.addScriptToEvaluateOnNewDocument", serde_json::json!({ "source": NO_CLOCK }))
        .await;
    browser.goto(url.as_str()).await;
    browser.settled(2).await;

    browser.client.switch_to_window(first).await.unwrap();
    browser.talk("Once more").await;
    browser.client.switch_to_window(second).await.unwrap();

    assert_eq!(browser.settled(4).await[2], "Once more");
}

/// A page that asks neither every few seconds nor when somebody comes back to it.
const NO_CLOCK: &str = "
    const real = setTimeout;
    window.setTimeout = (act, wait, ...rest) => wait >= 1000 ? 0 : real(act, wait, ...rest);
    for (const name of ['focus', 'visibilitychange', 'online']) {
        addEventListener(name, (event) => event.stopImmediatePropagation(), true);
    }";

#[tokio::test]
async fn two_devices_see_each_others_messages_and_conversations() {
    let (site, phone) = ann().await;
    phone.talk("From the phone").await;
    let desk = Browser::open().await;
    desk.sign_in(&site, "ann").await;
    desk.choose("From the phone").await;
    desk.settled(2).await;

    desk.talk("From the desk").await;
    let said = desk.settled(4).await;
    // Nothing tells the one of the other but the server.
    assert_eq!(phone.settled(4).await, said);

    phone.begin().await;
    phone.talk("Something else").await;
    desk.list_is(&["Something else", "From the phone"]).await;
}

#[tokio::test]
async fn what_one_tab_is_sending_another_does_not_offer_to_resend() {
    let (bot, _site, browser) = storyteller().await;
    browser.say("Tell me a story").await;
    browser.until(IS_HALF).await;
    let url = browser.client.current_url().await.unwrap();

    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second).await.unwrap();
    browser.watch().await;
    browser.goto(url.as_str()).await;
    browser.until("document.querySelectorAll('#messages li').length === 1").await;
    assert_eq!(browser.texts("#tail .foot").await, [""; 0]);
    bot.go_on();

    browser.settled(2).await;
}
