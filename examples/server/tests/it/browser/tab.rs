//! A browser of its own for each test, and what is done in its tabs.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{cdp::Command, driver::driver, shots};

/// How long something may take on a busy machine before it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(30);

const BETWEEN_LOOKS: Duration = Duration::from_millis(60);

/// The network of a test is the loopback, and nothing is to be asked of anybody.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "--force-color-profile=srgb",
    "--window-size=1280,800",
];

/// What goes wrong in a page unseen: an exception, or something that the page's policy forbids.
const WATCH: &str = "
    window.faults = [];
    addEventListener('error', (event) => event.message && faults.push(event.message));
    addEventListener('unhandledrejection', ({ reason }) => faults.push(`${reason?.stack ?? reason}`));
    addEventListener('securitypolicyviolation', (event) =>
        faults.push(`forbidden: ${event.violatedDirective} ${event.blockedURI}`));
";

/// A browser with an empty profile. It ends when it is dropped.
pub(super) struct Browser {
    pub(super) client: Client,
    session: String,
    _profile: TempDir,
}

impl Browser {
    pub(super) async fn open() -> Self {
        let profile = TempDir::new().unwrap();
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let options = json!({ "binary": driver().browser, "args": arguments });
        let capabilities =
            json!({ "browserName": driver().browser_name(), "goog:chromeOptions": options });
        let Value::Object(capabilities) = capabilities else { unreachable!("it was written so") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let url = format!("http://127.0.0.1:{}", driver().port);
        let client = builder.capabilities(capabilities).connect(&url).await;
        let client = client.unwrap_or_else(|error| panic!("no browser: {error}"));
        let session = client.session_id().await.unwrap().expect("a session has begun");
        client.persist().await.unwrap();
        let browser = Self { client, session, _profile: profile };
        browser.watch().await;
        browser
    }

    /// Notes what goes wrong in the pages of the current tab. Every new tab needs it.
    pub(super) async fn watch(&self) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
    }

    pub(super) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub(super) async fn cdp(&self, method: &str, params: Value) -> Value {
        let answer = self.client.issue_cmd(Command::cdp(method, params)).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Runs the body of a function in the page.
    pub(super) async fn run(&self, script: &str) -> Value {
        let answer = self.client.execute(script, Vec::new()).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs the body of an asynchronous function in the page.
    pub(super) async fn run_async(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; (async () => {{ {script} }})().then(done, (e) => done(`${{e}}`))"
        );
        self.client.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Waits until an expression is neither false nor empty, and gives what it is then.
    pub(super) async fn until(&self, expression: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        let script = format!(
            "return [window.faults ?? [], (() => {{ try {{ return {expression} }} catch {{}} }})()]"
        );
        loop {
            let seen = self.run(&script).await;
            assert_eq!(seen[0], json!([]), "the page has failed, waiting for {expression}");
            match &seen[1] {
                Value::Null | Value::Bool(false) => {}
                found => return found.clone(),
            }
            if Instant::now() > end {
                shots::take(self, "not-seen").await;
                let text = self.run("return document.body.innerText").await;
                panic!(
                    "it never came to {expression}; the page shows:\n{}",
                    text.as_str().unwrap()
                );
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Waits for an element that can be seen, and for everything to stand still.
    pub(super) async fn find(&self, css: &str) -> Element {
        let seen = format!(
            "document.querySelector({css:?}).checkVisibility({{ visibilityProperty: true }})
                && !document.getAnimations().some((moving) => moving instanceof CSSTransition)"
        );
        self.until(&seen).await;
        self.client.find(Locator::Css(css)).await.unwrap()
    }

    pub(super) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(super) async fn press(&self, keys: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Presses a key while another is held.
    pub(super) async fn press_with(&self, held: Key, key: Key) {
        let (held, value) = (char::from(held), char::from(key));
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(actions).await.unwrap();
    }

    /// The texts of all elements that match.
    pub(super) async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            format!("return [...document.querySelectorAll({css:?})].map((e) => e.textContent)");
        serde_json::from_value(self.run(&script).await).unwrap()
    }
}

/// Also when a test panics, and then there is no runtime any more to do it with.
impl Drop for Browser {
    fn drop(&mut self) {
        let Self { session, .. } = self;
        // If the driver is gone, so is the browser.
        _ = TcpStream::connect(("127.0.0.1", driver().port)).and_then(|mut driver| {
            driver.set_read_timeout(Some(PATIENCE))?;
            write!(
                driver,
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            )?;
            driver.read(&mut [0; 1])
        });
    }
}
