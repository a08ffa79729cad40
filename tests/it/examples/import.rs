use std::{fs, path::Path, time::Duration};

use futures_util::TryStreamExt;
use scrollback::{ConversationQuery, ConversationStoreExt, Limit, SeaOrmStore};
use serde_json::json;
use tempfile::tempdir;

use super::{example, run};

#[test]
fn every_message_is_stored_once_and_compared() {
    let folder = tempdir().unwrap();
    // 600 messages are three turns.
    write(folder.path(), [conversation("a", 600), conversation("b", 2), conversation("c", 0)]);

    let (first, second) = (import(folder.path()), import(folder.path()));

    let bytes: usize = (0..600).chain(0..2).map(|n| text(n).len()).sum();
    let all = format!("3 conversations, 602 messages, {bytes} bytes: stored as in the file\n");
    let new = format!("2 conversations, 602 messages, {bytes} bytes of them: new\n");
    assert_eq!(first, (true, format!("{all}{new}"), String::new()));
    let nothing_new = "0 conversations, 0 messages, 0 bytes of them: new\n";
    assert_eq!(second, (true, format!("{all}{nothing_new}"), String::new()));
}

#[tokio::test]
async fn an_import_that_was_killed_is_completed_by_the_next() {
    const ALL: usize = 1_500;
    let folder = tempdir().unwrap();
    write(folder.path(), (0..ALL).map(|n| conversation(&n.to_string(), 3)));
    let mut child = example("import", folder.path()).args(ARGS).spawn().unwrap();
    while stored(folder.path()).await < 50 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }

    child.kill().unwrap();
    child.wait().unwrap();

    let before = stored(folder.path()).await;
    assert!(before < ALL, "it was killed too late to prove anything");
    let (ok, out, err) = import(folder.path());
    assert!(ok, "{err}");
    assert!(out.starts_with("1500 conversations, 4500 messages, "), "{out}");
    assert_eq!(stored(folder.path()).await, ALL);
}

#[test]
fn a_malformed_line_is_named_and_nothing_of_it_is_stored() {
    let folder = tempdir().unwrap();
    let said = |role: &str, content: &str| json!({ "role": role, "content": content });
    let bad_last = |id: &str, last| json!({ "id": id, "messages": [said("user", "fine"), last] });
    let lines = [
        conversation("good", 2),
        "{\"id\": \"cut\", \"messages\": [{\"role\"".into(),
        bad_last("nul", said("user", "\0")).to_string(),
        bad_last("role", said("narrator", "x")).to_string(),
        conversation("", 1),
    ];
    write(folder.path(), lines);

    let (ok, out, err) = import(folder.path());

    assert!(!ok);
    assert!(out.starts_with("1 conversations, 2 messages, "), "{out}");
    let mut faults: Vec<_> = err.lines().filter(|line| line.starts_with("line ")).collect();
    faults.sort_unstable();
    assert_eq!(faults.len(), 4, "{err}");
    assert!(faults[0].starts_with("line 2: EOF"), "{err}");
    assert_eq!(faults[1], "line 3: invalid input: content contains NUL (U+0000)");
    assert!(faults[2].starts_with("line 4: unknown variant `narrator`"), "{err}");
    assert_eq!(faults[3], "line 5: invalid input: session id is empty");
    assert_eq!(listed(folder.path()), 1);
}

#[test]
fn what_is_stored_under_the_same_id_but_differs_is_a_fault() {
    let folder = tempdir().unwrap();
    write(folder.path(), [conversation("a", 3), conversation("b", 3)]);
    import(folder.path());
    write(folder.path(), [conversation("a", 3), conversation("b", 2)]);

    let (ok, out, err) = import(folder.path());

    assert!(!ok);
    assert!(out.starts_with("1 conversations, 3 messages, "), "{out}");
    assert!(err.contains("line 2: conflict: ") && err.contains("line 2: reads back"), "{err}");
}

#[test]
fn a_file_that_is_not_there_is_a_sentence() {
    let folder = tempdir().unwrap();

    let (ok, _, err) = import(folder.path());

    assert!(!ok);
    assert_eq!(err, "import: chats.jsonl: No such file or directory (os error 2)\n");
}

const ARGS: [&str; 3] = ["chats.jsonl", "--user", "ann"];

fn import(folder: &Path) -> (bool, String, String) {
    run(example("import", folder).args(ARGS), b"")
}

/// How many conversations `/list` shows in the chat.
fn listed(folder: &Path) -> usize {
    let (_, out, _) = run(example("chat", folder).args(["--user", "ann"]), b"/new\n/list\n");
    out.lines().filter(|line| line.contains("untitled")).count() - 2
}

/// How many conversations are stored by now.
async fn stored(folder: &Path) -> usize {
    let url = format!("sqlite://{}/scrollback.db", folder.display());
    let count = async {
        let store = SeaOrmStore::connect(&url).await?;
        let ann = store.ensure_user("ann").await?;
        let all: Vec<_> =
            store.walk_conversations(ann, ConversationQuery::new(Limit::MAX)).try_collect().await?;
        Ok::<_, scrollback::Error>(all.len())
    };
    // Until the import has made the tables, every call fails.
    count.await.unwrap_or_default()
}

fn write(folder: &Path, lines: impl IntoIterator<Item = String>) {
    let lines: String = lines.into_iter().map(|line| line + "\n").collect();
    fs::write(folder.join("chats.jsonl"), lines).unwrap();
}

fn conversation(id: &str, messages: usize) -> String {
    let role = |n| if n % 2 == 0 { "user" } else { "assistant" };
    let said = |n| json!({ "role": role(n), "content": text(n) });
    json!({ "id": id, "messages": (0..messages).map(said).collect::<Vec<_>>() }).to_string()
}

fn text(n: usize) -> String {
    format!("{n}. \u{1f375} tea\nand a \"quote\", \u{7f}\u{2028}")
}
