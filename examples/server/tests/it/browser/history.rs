//! What was said is there: after a reload, after a restart, in every conversation.

use super::{ann, person::TEXTS};

#[tokio::test]
async fn what_was_said_is_there_after_a_reload_and_a_restart_of_the_server() {
    let (mut site, browser) = ann().await;
    browser.talk("My name is Ann.").await;
    browser.talk("What is my name?").await;
    let said = browser.texts(TEXTS).await;
    assert_eq!((&*said[0], &*said[2]), ("My name is Ann.", "What is my name?"));
    assert!(!said[1].is_empty() && !said[3].is_empty(), "{said:?}");

    browser.client.refresh().await.unwrap();
    assert_eq!(browser.settled(4).await, said);

    site.kill().await;
    site.start_again().await;
    browser.goto("about:blank").await;
    browser.goto(&site.url()).await;
    browser.choose("My name is Ann.").await;
    assert_eq!(browser.settled(4).await, said);
}

#[tokio::test]
async fn an_open_page_goes_on_by_itself_after_a_restart_of_the_server() {
    let (mut site, browser) = ann().await;
    browser.talk("Before").await;

    site.kill().await;
    browser.until("document.querySelector('#offline').checkVisibility()").await;
    site.start_again().await;
    // Whoever comes back to the window need not wait for the next time that the page asks by itself.
    browser.run("dispatchEvent(new Event('focus'))").await;

    browser.until("!document.querySelector('#offline').checkVisibility()").await;
    browser.talk("After").await;
    assert_eq!(browser.settled(4).await[2], "After");
}

#[tokio::test]
async fn each_conversation_shows_its_own_messages_and_its_own_draft() {
    let (_site, browser) = ann().await;
    browser.talk("About trains").await;
    browser.find("#draft").await.send_keys("a draft about trains").await.unwrap();
    browser.begin().await;
    assert_eq!(browser.run("return draft.value").await, "");
    browser.talk("About tea").await;

    // The latest activity is first.
    browser.list_is(&["About tea", "About trains"]).await;
    browser.choose("About trains").await;
    assert_eq!(browser.settled(2).await[0], "About trains");
    assert_eq!(browser.run("return draft.value").await, "a draft about trains");

    browser.choose("About tea").await;
    assert_eq!(browser.settled(2).await[0], "About tea");
    browser.client.back().await.unwrap();
    browser.until("document.querySelector('#messages .text').textContent === 'About trains'").await;
}

#[tokio::test]
async fn a_long_list_of_conversations_comes_while_one_scrolls() {
    use scrollback::{ConversationStore, NewConversation};
    let (site, browser) = ann().await;
    let store = site.store().await;
    let ann = store.ensure_user("ann").await.unwrap();
    for number in 1..=100 {
        let titled = NewConversation::new().with_title(format!("Conversation {number}")).unwrap();
        store.create(ann, titled).await.unwrap();
    }

    browser.client.refresh().await.unwrap();
    browser
        .until("document.querySelector('#conversations .title').textContent === 'Conversation 100'")
        .await;
    let shown = browser.texts("#conversations .title").await.len();
    assert!(shown < 100, "all {shown} at once");

    // To its end, until there is no more.
    let scroll = "(document.querySelector('#list-scroll').scrollTop = 1e6)";
    browser
        .until(&format!(
            "{scroll} && document.querySelectorAll('#conversations li').length === 100"
        ))
        .await;
    let titles = browser.texts("#conversations .title").await;
    let expected: Vec<_> = (1..=100).rev().map(|number| format!("Conversation {number}")).collect();
    assert_eq!(titles, expected);
}
