//! A server on axum before and after: `examples/embed_axum`, asked by a client that knows nothing of the
//! change.

mod old_client;
mod readme;

use std::path::Path;

use tempfile::tempdir;

use old_client::{Running, converse, history};

#[tokio::test]
async fn an_old_client_gets_the_same_answers_after_the_change() {
    let folder = tempdir().unwrap();

    let (before, _) = told_by("before", folder.path()).await;
    let (after, _) = told_by("after", folder.path()).await;

    assert_eq!(before.len(), 10, "{before:#?}");
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_restart_ends_the_dictionary_and_not_the_history() {
    let folder = tempdir().unwrap();

    for (version, kept) in [("before", false), ("after", true)] {
        let (_, session) = told_by(version, folder.path()).await;
        let restarted = Running::start(version, folder.path());
        let history = history(&restarted, "ann", &session).await;

        let expected = match kept {
            true => {
                "200 user: Hello | assistant: You began with \"Hello\", 0 texts ago. | \
                     user: Still there? | assistant: You began with \"Hello\", 2 texts ago."
            }
            false => "404 ",
        };
        assert_eq!(history, expected, "{version}");
    }
}

#[tokio::test]
async fn a_session_was_anybodys_who_knew_its_name_and_is_not_any_more() {
    let folder = tempdir().unwrap();

    for (version, stolen) in [("before", true), ("after", false)] {
        let server = Running::start(version, folder.path());
        let (_, session) = converse(&server).await;
        let history = history(&server, "ben", &session).await;

        assert_eq!(history.starts_with("200 user: Hello"), stolen, "{version}: {history}");
    }
}

/// What it answers, and the session of it; then it is killed.
async fn told_by(version: &str, folder: &Path) -> (Vec<String>, String) {
    let server = Running::start(version, folder);
    converse(&server).await
}
