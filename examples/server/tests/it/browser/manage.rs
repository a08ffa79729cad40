//! Renaming, archiving and deleting.

use fantoccini::key::Key;

use super::{Browser, ann, shots};

#[tokio::test]
async fn a_conversation_is_renamed_and_its_title_taken_away() {
    let (_site, browser) = ann().await;
    browser.talk("Hello").await;

    rename(&browser, "Trip to Oslo").await;
    browser.list_is(&["Trip to Oslo"]).await;
    assert_eq!(browser.client.title().await.unwrap(), "Trip to Oslo · Scrollback");
    browser.client.refresh().await.unwrap();
    browser.list_is(&["Trip to Oslo"]).await;

    rename(&browser, "").await;
    browser.list_is(&["New conversation"]).await;
}

#[tokio::test]
async fn a_conversation_goes_into_the_archive_and_comes_back() {
    let (_site, browser) = ann().await;
    browser.talk("Keep this").await;
    browser.begin().await;
    browser.talk("And this").await;
    browser.choose("Keep this").await;
    browser.settled(2).await;

    act(&browser, "#archive").await;
    browser.list_is(&["And this"]).await;
    browser.click("#show-archive").await;
    browser.list_is(&["Keep this"]).await;
    // It can be read and talked in there.
    browser.settled(2).await;

    act(&browser, "#archive").await;
    browser
        .until("document.querySelector('#list-note').textContent === 'The archive is empty.'")
        .await;
    browser.click("#show-active").await;
    browser.list_is(&["Keep this", "And this"]).await;
}

#[tokio::test]
async fn a_conversation_is_deleted_when_that_is_confirmed_and_other_tabs_say_so() {
    let (site, browser) = ann().await;
    browser.talk("Delete me").await;
    let id = browser.conversation().await;
    let elsewhere = Browser::open().await;
    elsewhere.sign_in(&site, "ann").await;
    elsewhere.choose("Delete me").await;
    elsewhere.settled(2).await;
    elsewhere.find("#draft").await.send_keys("not lost").await.unwrap();

    act(&browser, "#delete").await;
    browser.find("#ask").await;
    let text = browser.texts("#ask-text").await;
    assert_eq!(text, ["“\u{2068}Delete me\u{2069}” and its 2 messages will be gone for good."]);
    shots::take(&browser, "delete-dialog").await;
    browser.press(&Key::Escape).await;
    browser.until("!document.querySelector('#ask').open").await;
    assert_eq!(browser.stored(&id).await.len(), 2);

    act(&browser, "#delete").await;
    browser.click("#ask-confirm").await;
    browser.list_is(&[]).await;
    assert_eq!(browser.run("return location.hash").await, "");
    assert_eq!(browser.ask(&format!("/api/conversations/{id}")).await.0, 404);

    elsewhere.until("document.querySelector('#notice').textContent.includes('it is gone')").await;
    elsewhere.list_is(&[]).await;
    assert_eq!(elsewhere.run("return draft.value").await, "not lost");
}

#[tokio::test]
async fn what_was_changed_elsewhere_meanwhile_is_seen_before_it_is_changed_again() {
    let (site, browser) = ann().await;
    browser.talk("Mine").await;
    let id = browser.conversation().await;
    let elsewhere = Browser::open().await;
    elsewhere.sign_in(&site, "ann").await;
    elsewhere.choose("Mine").await;

    // Another title wins over one that was given to what is not so called any more.
    act(&browser, "#rename").await;
    browser.find("#ask-value").await;
    rename(&elsewhere, "From elsewhere").await;
    elsewhere.list_is(&["From elsewhere"]).await;
    browser.press(&format!("From here{}", Key::Enter)).await;
    browser.until(MOVED).await;
    browser.until("document.querySelector('#title').textContent === 'From elsewhere'").await;

    // A message more is no other title.
    act(&browser, "#rename").await;
    browser.find("#ask-value").await;
    elsewhere.talk("Something new").await;
    browser.press(&format!("From here{}", Key::Enter)).await;
    browser.list_is(&["From here"]).await;

    // But nobody has agreed to lose it.
    act(&browser, "#delete").await;
    browser.find("#ask-confirm").await;
    elsewhere.talk("Something newer").await;
    browser.click("#ask-confirm").await;
    browser.until(MOVED).await;
    assert_eq!(browser.settled(6).await[4], "Something newer");
    assert_eq!(browser.stored(&id).await.len(), 6);
}

const MOVED: &str = "document.querySelector('#notice').textContent.startsWith('It was changed')";

async fn rename(browser: &Browser, title: &str) {
    act(browser, "#rename").await;
    let field = browser.find("#ask-value").await;
    field.clear().await.unwrap();
    field.send_keys(title).await.unwrap();
    browser.press(&Key::Enter).await;
    browser.until("!document.querySelector('#ask').open").await;
}

/// Chooses from the menu of the open conversation.
async fn act(browser: &Browser, item: &str) {
    browser.click("#actions").await;
    browser.click(item).await;
}
