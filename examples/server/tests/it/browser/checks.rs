//! What every state of the page must keep: names, labels, headings, contrast, and its width.

use fantoccini::Locator;
use serde_json::json;

use super::{cdp::Command, tab::Browser};

const CONTROLS: &str = ":is(button, a, input, textarea):not([inert] *)";

/// Checks how what is shown now looks, and how it is written.
pub(super) async fn check(browser: &Browser, state: &str) {
    let wrong = browser.run(include_str!("checks.js")).await;
    assert_eq!(wrong, json!([]), "{state}");
}

/// Checks that all one can do now has a name for those who hear it.
pub(super) async fn check_names(browser: &Browser, state: &str) {
    for control in browser.client.find_all(Locator::Css(CONTROLS)).await.unwrap() {
        if control.is_displayed().await.unwrap() {
            // As the browser tells it to screen readers.
            let label = Command::label(&control.element_id());
            let label = browser.client.issue_cmd(label).await.unwrap();
            let html = control.html(false).await.unwrap();
            assert!(
                label.as_str().is_some_and(|label| !label.is_empty()),
                "{state}: no name: {html}"
            );
        }
    }
}
