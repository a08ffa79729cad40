//! The page as it is served.

use tempfile::tempdir;

use crate::{person::Person, program::Program};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn the_page_may_run_and_load_nothing_but_its_own() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;

    let page = Person::nobody(&program).get("/").send().await.unwrap();

    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(page.headers()[name], value, "{name}");
    }
    let text = page.text().await.unwrap();
    for inline in ["<style", "style=", "onclick", "javascript:"] {
        assert!(!text.contains(inline), "the policy forbids {inline}");
    }
}
