//! What somebody wrote is text, whatever it looks like.

use super::ann;

const EVIL: [&str; 5] = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror=\"window.hacked = 1\">",
    "<a href=\"javascript:window.hacked=1\">press me</a>",
    "<svg onload=\"window.hacked = 1\"></svg>",
    "javascript:window.hacked=1//&lt;b&gt;&amp;",
];

#[tokio::test]
async fn markup_in_messages_and_titles_is_shown_as_text_and_does_nothing() {
    let (_site, browser) = ann().await;
    for text in EVIL {
        browser.begin().await;
        browser.talk(text).await;
        assert_eq!(browser.settled(2).await[0], text);
        assert_eq!(browser.texts("#title").await, [text]);
    }

    let titles: Vec<_> = EVIL.iter().rev().copied().collect();
    browser.list_is(&titles).await;
    browser.client.refresh().await.unwrap();
    browser.list_is(&titles).await;
    browser.settled(2).await;

    let inside =
        "#messages :is(script, img, svg, a), #conversations :is(script, img, svg, b), h1 *";
    assert_eq!(browser.texts(inside).await, [""; 0]);
    assert!(browser.run("return window.hacked").await.is_null());
    // Nothing was stopped by the policy either: nothing was tried.
    assert_eq!(browser.run("return faults").await, serde_json::json!([]));
}

#[tokio::test]
async fn the_policy_would_stop_a_script_all_the_same() {
    let (_site, browser) = ann().await;

    browser
        .run(
            "
        const script = document.createElement('script');
        script.textContent = 'window.hacked = 1';
        const image = document.createElement('div');
        image.innerHTML = '<img src=x onerror=\"window.hacked = 1\">';
        document.body.append(script, image);",
        )
        .await;

    // Each of them is reported, and neither has run.
    let reported = "return new Promise((done) => {
        const look = () => faults.length > 1 ? done(faults) : requestAnimationFrame(look); look() })";
    let faults = browser.run(reported).await;
    let faults: Vec<String> = serde_json::from_value(faults).unwrap();
    assert!(faults.iter().all(|fault| fault.starts_with("forbidden: script-src")), "{faults:?}");
    assert!(browser.run("return window.hacked").await.is_null());
}

#[tokio::test]
async fn text_from_right_to_left_and_of_many_lines_keeps_its_form() {
    let (_site, browser) = ann().await;
    let text = "שלום\u{202e}abc\n  indented\n\nlast";

    // WebDriver's keys know no line that does not send.
    browser.run(&format!("draft.value = {text:?}; draft.dispatchEvent(new Event('input'))")).await;
    browser.click("#send").await;

    assert_eq!(browser.settled(2).await[0], text);
    let style = "const style = getComputedStyle(document.querySelector('#messages .text'));
                 return [style.direction, style.unicodeBidi, style.whiteSpaceCollapse]";
    assert_eq!(browser.run(style).await, serde_json::json!(["rtl", "isolate", "preserve"]));
}
