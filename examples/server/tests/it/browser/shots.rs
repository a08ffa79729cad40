//! Pictures of the page, for people to look at: `target/screenshots`.

use std::{env, fs, path::Path};

use super::tab::Browser;

/// Writes what the current tab shows to a file of this name.
pub(super) async fn take(browser: &Browser, name: &str) {
    // The tests are target/<profile>/deps/it-<hash>.
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(3).map(|target| target.join("screenshots"));
    let folder = folder.as_deref().unwrap_or(Path::new("screenshots"));
    fs::create_dir_all(folder).unwrap();
    let picture = browser.client.screenshot().await.unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}
