//! A long history is read upwards by pages, and what one reads stays where it is.

use scrollback::{ConversationId, ConversationStore, NewConversation, NewMessage, SessionId, Turn};
use serde_json::Value;

use super::{ann, person::TEXTS, site::Site};

const MESSAGES: usize = 5_000;

/// Goes to the top, and says which message is there and where on the screen.
const TO_TOP: &str = "
    thread.scrollTop = 0;
    const top = thread.getBoundingClientRect().top;
    const seen = [...messages.children].find((item) => item.getBoundingClientRect().bottom > top);
    return [seen.dataset.position, seen.getBoundingClientRect().top]";

#[tokio::test]
async fn a_history_of_5000_messages_scrolls_to_its_first_without_jumping() {
    let (site, browser) = ann().await;
    let id = seed(&site, MESSAGES).await;
    browser.goto(&format!("{}#c={id}", site.url())).await;
    browser.until("messages.lastElementChild.dataset.position === '5000'").await;
    assert_eq!(browser.run("return messages.children.length").await, 100);
    browser.until("thread.scrollHeight - thread.scrollTop - thread.clientHeight < 2").await;

    let mut pages = 1;
    loop {
        let first = browser.run("return messages.firstElementChild.dataset.position").await;
        if first == "1" {
            break;
        }
        let before = browser.run(TO_TOP).await;
        let position = before[0].as_str().unwrap();
        browser.until(&format!("messages.firstElementChild.dataset.position !== {first}")).await;
        let place = format!(
            "return document.querySelector('[data-position=\"{position}\"]').getBoundingClientRect().top"
        );
        let after = browser.run(&place).await;
        assert!(
            is_near(&before[1], &after),
            "message {position} jumped from {} to {after}",
            before[1]
        );
        pages += 1;
    }

    assert!(pages >= MESSAGES / 100, "in {pages} pages");
    let complete =
        "return [...messages.children].every((item, at) => item.dataset.position == at + 1)";
    assert_eq!(browser.run(complete).await, true);
    browser.until("(thread.scrollTop = 0) || messages.firstElementChild.textContent.includes('number 1,')").await;
}

#[tokio::test]
async fn what_is_added_while_one_reads_further_up_moves_nothing_and_is_said() {
    let (site, browser) = ann().await;
    let id = seed(&site, 100).await;
    browser.goto(&format!("{}#c={id}", site.url())).await;
    browser.until("messages.lastElementChild.dataset.position === '100'").await;
    browser.run("thread.scrollTop -= 400").await;
    browser.until("thread.scrollHeight - thread.scrollTop - thread.clientHeight > 300").await;
    // The page hears of it with the next frame.
    browser.run("return new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))").await;
    let (owner, store) = (site.store().await.ensure_user("ann").await.unwrap(), site.store().await);
    let before = browser.run("return thread.scrollTop").await;

    store
        .append(owner, id, Turn::new([NewMessage::assistant("from elsewhere")]).unwrap())
        .await
        .unwrap();

    browser.find("#to-end").await;
    assert_eq!(browser.run("return thread.scrollTop").await, before);
    browser.click("#to-end").await;
    browser.until("thread.scrollHeight - thread.scrollTop - thread.clientHeight < 2").await;
    browser.until("!document.querySelector('#to-end').checkVisibility()").await;
}

#[tokio::test]
async fn a_very_long_message_is_shown_in_part_and_whole_when_that_is_asked_for() {
    let (site, browser) = ann().await;
    let id = seed(&site, 1).await;
    let store = site.store().await;
    let owner = store.ensure_user("ann").await.unwrap();
    let long = "long ".repeat(10_000);
    let turn = Turn::new([NewMessage::assistant(&*long)]).unwrap();
    store.append(owner, id, turn).await.unwrap();
    browser.goto(&format!("{}#c={id}", site.url())).await;
    browser.until("messages.children.length === 2").await;
    assert!(browser.texts(TEXTS).await[1].len() < long.len() / 2);

    browser.click("#messages .text button").await;

    assert_eq!(browser.texts(TEXTS).await[1], long);
}

/// So many messages of different heights, written past the server.
async fn seed(site: &Site, count: usize) -> ConversationId {
    let store = site.store().await;
    let ann = store.ensure_user("ann").await.unwrap();
    let long = NewConversation::new().with_title("A long one").unwrap();
    let chat = store.create(ann, long.with_session(SessionId::generate())).await.unwrap();
    let messages: Vec<_> = (1..=count).map(message).collect();
    for turn in messages.chunks(250) {
        store.append(ann, chat.id, Turn::new(turn.to_vec()).unwrap()).await.unwrap();
    }
    chat.id
}

fn message(number: usize) -> NewMessage {
    let text =
        format!("This is number {number}, {}", "which goes on for a while ".repeat(number % 17));
    if number % 2 == 1 { NewMessage::user(text) } else { NewMessage::assistant(text) }
}

/// Within a pixel, which is what the screen shows.
fn is_near(one: &Value, other: &Value) -> bool {
    (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() <= 1.0
}
