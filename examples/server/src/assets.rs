//! The page: plain files, embedded, without a build step.

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const ICON: &str = "image/svg+xml";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Where each file is served, as what, and the file.
const ASSETS: [(&str, &str, &str); 4] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/app.css", CSS, include_str!("../page/app.css")),
    ("/thread.css", CSS, include_str!("../page/thread.css")),
    ("/icon.svg", ICON, include_str!("../page/icon.svg")),
];

macro_rules! modules {
    ($($name:literal)*) => {
        &[$((concat!("/js/", $name), SCRIPT, include_str!(concat!("../page/js/", $name)))),*]
    };
}

/// The modules of the page's script.
const MODULES: &[(&str, &str, &str)] = modules!(
    "actions.js" "api.js" "app.js" "ask.js" "chat.js" "composer.js" "conversations.js"
    "conversations_view.js" "deliver.js" "dom.js" "drawer.js" "events.js" "keep.js" "live.js"
    "message.js" "notice.js" "outbox.js" "problem.js" "scroller.js" "sign_in.js" "tail.js"
    "thread.js" "thread_view.js" "time.js"
);

/// The page runs its own scripts and talks to its own server. What somebody wrote stays text, and should
/// it ever not, it still loads nothing and runs nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // A new version of the server has a new page.
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS.iter().chain(MODULES).fold(Router::new(), |router, &(path, kind, content)| {
        router.route(path, get(async move || serve(kind, content)))
    })
}

fn serve(kind: &'static str, content: &'static str) -> Response {
    (HEADERS, [(CONTENT_TYPE, kind)], content).into_response()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_and_named_by_the_page() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let files = |folder: &Path, under: &str| {
            let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
            let files = entries.filter(|entry| entry.path().is_file());
            files.map(|file| format!("{under}{}", file.file_name().to_string_lossy())).collect()
        };
        let mut stored: BTreeSet<String> = files(&page, "/");
        stored.append(&mut files(&page.join("js"), "/js/"));
        stored.remove("/index.html");

        let served = ASSETS.iter().chain(MODULES).map(|(path, ..)| (*path).to_owned());
        assert_eq!(served.filter(|path| path != "/").collect::<BTreeSet<_>>(), stored);

        for path in stored {
            let name = path.trim_start_matches("/js/").trim_start_matches('/');
            let mut texts = ASSETS.iter().chain(MODULES).map(|(.., text)| text);
            assert!(texts.any(|text| text.contains(&format!("/{name}\""))), "nothing loads {path}");
        }
    }

    #[test]
    fn no_script_of_the_page_reads_text_as_markup_or_as_a_script() {
        let ways = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "setHTML",
            "document.write",
            "srcdoc",
            "eval(",
        ];
        for (path, _, text) in MODULES {
            let found: Vec<_> = ways.iter().filter(|way| text.contains(**way)).collect();
            assert!(found.is_empty(), "{path}: {found:?}; see dom.js for what there is instead");
        }
    }

    #[test]
    fn every_file_of_the_page_is_short() {
        for (path, _, text) in ASSETS.iter().chain(MODULES) {
            let lines = text.lines().count();
            assert!(lines <= 250, "{path}: {lines} lines; split it by subject");
        }
    }
}
