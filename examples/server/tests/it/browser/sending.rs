//! What could not be sent stays, and is stored once however often it is sent.

use super::{
    Browser, ann, shots,
    storyteller::{FIRST_HALF, IS_HALF, SECOND_HALF, storyteller},
};

const FAILED: &str = "document.querySelector('#tail .failed .foot').innerText";

#[tokio::test]
async fn what_was_said_offline_is_kept_and_resent() {
    let (mut site, browser) = ann().await;
    browser.talk("Before the failure").await;
    let id = browser.conversation().await;

    site.kill().await;
    browser.say("Is anybody there?").await;
    browser.until(&format!("{FAILED}.startsWith('Not sent.')")).await;
    browser.find("#draft").await.send_keys("Meanwhile").await.unwrap();
    shots::take(&browser, "failed-message").await;
    site.start_again().await;
    browser.click("#tail .failed .foot button").await;

    let said = browser.settled(4).await;
    assert_eq!(said[2], "Is anybody there?");
    assert_eq!(browser.run("return draft.value").await, "Meanwhile");
    assert_eq!(browser.stored(&id).await, ["user", "assistant", "user", "assistant"]);
    assert_nothing_is_left(&browser).await;
}

#[tokio::test]
async fn what_was_not_sent_survives_a_reload_also_where_the_conversation_has_not_begun() {
    let (mut site, browser) = ann().await;
    site.kill().await;
    browser.say("The first words").await;
    browser.until(&format!("{FAILED}.startsWith('Not sent.')")).await;
    site.start_again().await;

    browser.client.refresh().await.unwrap();
    browser.until(&format!("{FAILED}.startsWith('Not sent.')")).await;
    assert_eq!(browser.texts("#tail .user .text").await, ["The first words"]);
    browser.click("#tail .failed .foot button").await;

    assert_eq!(browser.settled(2).await[0], "The first words");
    let id = browser.conversation().await;
    assert_eq!(browser.stored(&id).await, ["user", "assistant"]);
    browser.list_is(&["The first words"]).await;
    assert_nothing_is_left(&browser).await;
}

#[tokio::test]
async fn a_question_whose_answer_was_cut_off_is_stored_once_when_it_is_resent() {
    let (bot, mut site, browser) = storyteller().await;
    browser.say("Tell me a story").await;
    browser.until(IS_HALF).await;
    let id = browser.conversation().await;

    site.kill().await;
    browser.until("document.querySelector('#tail .failed .foot button').checkVisibility()").await;
    site.start_again().await;
    // The question is found to be stored; what there was of the answer is not.
    browser.until(&format!("{FAILED}.startsWith('No answer yet.')")).await;
    assert_eq!(browser.texts("#tail .assistant .text").await, [""]);
    assert_eq!(browser.stored(&id).await, ["user"]);
    // For the one that was cut off, should it still wait, and for its successor.
    bot.go_on();
    bot.go_on();
    browser.click("#tail .failed .foot button").await;

    let whole = format!("{FIRST_HALF}{SECOND_HALF}");
    assert_eq!(browser.settled(2).await, ["Tell me a story", &whole]);
    assert_eq!(browser.stored(&id).await, ["user", "assistant"]);
    assert_nothing_is_left(&browser).await;
}

#[tokio::test]
async fn a_reload_while_the_answer_comes_loses_neither() {
    let (bot, _site, browser) = storyteller().await;
    browser.say("Tell me a story").await;
    browser.until(IS_HALF).await;
    let id = browser.conversation().await;

    browser.client.refresh().await.unwrap();
    browser.until(&format!("{FAILED}.startsWith('No answer yet.')")).await;
    bot.go_on();

    // The server has gone on with it, and the page finds the answer.
    assert_eq!(browser.settled(2).await[1], format!("{FIRST_HALF}{SECOND_HALF}"));
    assert_eq!(browser.stored(&id).await, ["user", "assistant"]);
    assert_nothing_is_left(&browser).await;
}

#[tokio::test]
async fn answers_that_are_lost_on_the_way_begin_and_say_nothing_twice() {
    let (_site, browser) = ann().await;
    browser.run(LOSE_ANSWERS).await;

    browser.say("Only once").await;
    browser.until(&format!("{FAILED}.startsWith('Not sent.')")).await;
    browser.click("#tail .failed .foot button").await;

    // The second of the answers is lost too, and found in the history.
    assert_eq!(browser.settled(2).await[0], "Only once");
    assert_eq!(browser.run("return lost").await, serde_json::json!([]));
    let id = browser.conversation().await;
    assert_eq!(browser.stored(&id).await, ["user", "assistant"]);
    let (_, listed) = browser.ask("/api/conversations").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_nothing_is_left(&browser).await;
}

/// The server does what it is asked, and the page does not hear of it: once of the conversation that is
/// begun, once of the message.
const LOSE_ANSWERS: &str = "
    const real = fetch;
    window.lost = ['/start', '/message'];
    window.fetch = async (path, sent) => {
        const answer = await real(path, sent);
        const end = lost.find((end) => path.endsWith(end));
        if (!end) return answer;
        lost = lost.filter((other) => other !== end);
        throw new TypeError('lost');
    };";

#[tokio::test]
async fn what_is_refused_can_be_written_anew() {
    let (_site, browser) = ann().await;
    browser.run("draft.value = 'nul \\0 here'; draft.dispatchEvent(new Event('input'))").await;
    browser.click("#send").await;

    browser.until(&format!("{FAILED}.includes('Edit')")).await;
    browser.click("#tail .failed .foot button").await;
    assert_eq!(browser.run("return draft.value").await, "nul \0 here");
    assert_nothing_is_left(&browser).await;
    browser.run("draft.value = 'nothing here'; draft.dispatchEvent(new Event('input'))").await;
    browser.click("#send").await;

    assert_eq!(browser.settled(2).await[0], "nothing here");
}

async fn assert_nothing_is_left(browser: &Browser) {
    browser.until("!Object.keys(localStorage).some((name) => name.includes(':unsent:'))").await;
}
