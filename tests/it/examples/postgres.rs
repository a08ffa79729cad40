use std::fs;

use tempfile::tempdir;

use super::{example, run};
use crate::support::{Schema, cluster};

#[tokio::test]
async fn the_chat_goes_on_where_it_ended() {
    let schema = Schema::create().await;

    let first = succeeds("chat", &schema, &["--user", "ann"], "My name is Ann.\n");
    let second = succeeds("chat", &schema, &["--user", "ann"], "What is my name?\n");
    let other = succeeds("chat", &schema, &["--user", "ben"], "/list\n");

    assert!(first.contains("bot: Nice to meet you, Ann!"), "{first}");
    assert!(second.contains("bot: Your name is Ann, you told me."), "{second}");
    assert!(other.contains("No conversation yet."), "{other}");
}

#[tokio::test]
async fn an_import_is_stored_once_and_compared() {
    let schema = Schema::create().await;
    let folder = tempdir().unwrap();
    let file = folder.path().join("chats.jsonl");
    let line = r#"{"id": "a", "messages": [{"role": "user", "content": "two\nlines"}]}"#;
    fs::write(&file, line).unwrap();

    let first = succeeds("import", &schema, &[file.to_str().unwrap()], "");
    let second = succeeds("import", &schema, &[file.to_str().unwrap()], "");

    let same = "1 conversations, 1 messages, 9 bytes";
    assert_eq!(first, format!("{same}: stored as in the file\n{same} of them: new\n"));
    assert!(second.ends_with("\n0 conversations, 0 messages, 0 bytes of them: new\n"), "{second}");
}

#[tokio::test]
async fn host_transaction_commits_and_rolls_back_both() {
    let schema = Schema::create().await;

    let out = succeeds("host_transaction", &schema, &[], "");

    assert!(out.contains("after a commit:      (1, 2)"), "{out}");
    assert!(out.contains("after a rollback:    (1, 2)"), "{out}");
}

fn succeeds(name: &str, schema: &Schema, arguments: &[&str], input: &str) -> String {
    let url = cluster().url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-csearch_path%3D{}", schema.name());
    let folder = tempdir().unwrap();
    let mut command = example(name, folder.path());

    let (ok, out, err) =
        run(command.args(arguments).args(["--database-url", &url]), input.as_bytes());

    assert!(ok, "{name}: {err}");
    out
}
