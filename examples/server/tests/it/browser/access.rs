//! The page by keyboard alone.

use fantoccini::key::Key;

use super::{Browser, Site};

#[tokio::test]
async fn everything_can_be_done_by_keyboard() {
    let site = Site::start().await;
    let browser = Browser::open().await;
    browser.goto(&site.url()).await;
    browser.until("document.activeElement.id === 'name'").await;
    browser.press("ann").await;
    browser.press(&Key::Enter).await;

    // One can write at once, in several lines.
    browser.until("document.activeElement.id === 'draft'").await;
    browser.press("one line").await;
    browser.press_with(Key::Shift, Key::Enter).await;
    browser.press("two").await;
    assert_eq!(browser.run("return draft.value").await, "one line\ntwo");
    browser.press(&Key::Enter).await;
    assert_eq!(browser.settled(2).await[0], "one line\ntwo");

    // Rename, from the first element on.
    browser.run("document.activeElement.blur()").await;
    tab_to(&browser, "actions").await;
    browser.press(&Key::Enter).await;
    tab_to(&browser, "rename").await;
    browser.press(&Key::Enter).await;
    browser.until("document.activeElement.id === 'ask-value'").await;
    browser.press(&format!("A new title{}", Key::Enter)).await;
    browser.list_is(&["A new title"]).await;
    browser.until("document.activeElement.id === 'actions'").await;

    // Delete, and think better of it: the dialog begins with what does nothing.
    browser.press(&Key::Enter).await;
    tab_to(&browser, "delete").await;
    browser.press(&Key::Enter).await;
    browser.until("document.activeElement.id === 'ask-cancel'").await;
    browser.press(&Key::Escape).await;
    browser
        .until("!document.querySelector('#ask').open && document.activeElement.id === 'actions'")
        .await;

    // A new one, back to the first by the list, and from there to the message box.
    tab_to(&browser, "new").await;
    browser.press(&Key::Enter).await;
    browser.until("document.activeElement.id === 'draft' && location.hash === ''").await;
    browser.run("document.activeElement.blur()").await;
    tab_until(&browser, "document.activeElement.closest('#conversations')").await;
    browser.press(&Key::Enter).await;
    browser.settled(2).await;
    tab_to(&browser, "skip").await;
    browser.press(&Key::Enter).await;
    browser.until("document.activeElement.id === 'draft'").await;
}

#[tokio::test]
async fn on_a_phone_the_list_opens_over_the_chat_and_closes_by_escape() {
    let site = Site::start().await;
    let browser = Browser::open().await;
    let metrics =
        serde_json::json!({ "width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    browser.sign_in(&site, "ann").await;
    browser.talk("Hello").await;
    browser.begin_on_phone().await;
    browser.talk("And again").await;

    browser.click("#show-list").await;
    browser
        .until("document.activeElement.closest('#list') && document.querySelector('#chat').inert")
        .await;
    browser.press(&Key::Escape).await;
    browser
        .until(
            "document.activeElement.id === 'show-list' && !document.querySelector('#chat').inert",
        )
        .await;
    browser
        .until("!document.querySelector('#list').checkVisibility({ visibilityProperty: true })")
        .await;

    browser.click("#show-list").await;
    browser.choose("Hello").await;
    browser.until("!document.querySelector('#chat').inert").await;
    assert_eq!(browser.settled(2).await[0], "Hello");
}

async fn tab_to(browser: &Browser, id: &str) {
    tab_until(browser, &format!("document.activeElement.id === {id:?}")).await;
}

/// Presses Tab until something has the focus; where it is must always be visible.
async fn tab_until(browser: &Browser, has_focus: &str) {
    for _ in 0..30 {
        browser.press(&Key::Tab).await;
        let focus = browser.run(&format!(
            "const style = getComputedStyle(document.activeElement);
             return [Boolean({has_focus}), document.activeElement === document.body || style.outlineStyle !== 'none']"
        )).await;
        assert_eq!(focus[1], true, "the focus is invisible on the way to {has_focus}");
        if focus[0] == true {
            return;
        }
    }
    panic!("Tab does not lead to {has_focus}");
}
