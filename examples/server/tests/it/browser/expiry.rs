//! A session that ends while somebody writes.

use super::ann;

#[tokio::test]
async fn a_session_that_ends_takes_nothing_of_what_was_written() {
    let (_site, browser) = ann().await;
    browser.talk("Before").await;
    let id = browser.conversation().await;
    browser.client.delete_cookie("scrollback_user").await.unwrap();

    browser.find("#name").await;
    let note = browser.texts("#sign-in-note").await.concat();
    assert!(note.starts_with("Your session has ended."), "{note}");
    assert_eq!(browser.run("return document.querySelector('#name').value").await, "ann");
    browser.give_name("ann").await;

    browser.talk("After").await;
    assert_eq!(browser.stored(&id).await.len(), 4);
}

#[tokio::test]
async fn what_was_sent_without_a_session_is_sent_with_the_next() {
    let (_site, browser) = ann().await;
    browser.talk("Before").await;
    let id = browser.conversation().await;
    browser.find("#draft").await.send_keys("Just now").await.unwrap();
    browser.client.delete_cookie("scrollback_user").await.unwrap();
    browser
        .run("document.querySelector('#composer').requestSubmit(); draft.value = 'a draft'")
        .await;

    browser.give_name("ann").await;
    browser.click("#tail .failed .foot button").await;

    assert_eq!(browser.settled(4).await[2], "Just now");
    assert_eq!(browser.stored(&id).await.len(), 4);
    assert_eq!(browser.run("return draft.value").await, "a draft");
}

#[tokio::test]
async fn who_signs_in_after_somebody_else_sees_nothing_of_theirs() {
    let (_site, browser) = ann().await;
    browser.talk("A secret of Ann's").await;
    browser.find("#draft").await.send_keys("a secret draft").await.unwrap();
    browser.client.delete_cookie("scrollback_user").await.unwrap();

    browser.find("#name").await;
    browser.give_name("ben").await;

    browser
        .until("document.querySelector('#list-note').textContent === 'No conversation yet.'")
        .await;
    assert!(!browser.client.source().await.unwrap().contains("secret"));
    assert_eq!(browser.run("return location.hash + draft.value").await, "");
}
