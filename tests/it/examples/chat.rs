use std::{
    io::{BufRead, BufReader},
    path::Path,
};

use tempfile::tempdir;

use super::{example, run, say};

#[test]
fn a_second_start_shows_what_was_said_in_the_first() {
    let folder = tempdir().unwrap();

    let first = chat(folder.path(), "ann", "My name is Ann.\nI like trains.\n");
    let second = chat(folder.path(), "ann", "What is my name?\n");

    assert!(first.contains("bot: Nice to meet you, Ann!"), "{first}");
    assert!(second.contains("you: My name is Ann.\nbot: "), "{second}");
    assert!(
        second.contains("you: I like trains.\nbot: I am listening, Ann. Messages I have seen: 3")
    );
    assert!(
        second.contains("bot: Your name is Ann, you told me. Messages I have seen: 5; your first:")
    );
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = tempdir().unwrap();
    let mut child = example("chat", folder.path()).args(["--user", "ann"]).spawn().unwrap();
    say(&mut child, b"Remember the tea.\n");
    let mut shown = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(shown.any(|line| line.starts_with("bot: ")));

    child.kill().unwrap();
    child.wait().unwrap();

    let after = chat(folder.path(), "ann", "/history\n");
    assert_eq!(after.matches("you: Remember the tea.\nbot: ").count(), 2, "{after}");
}

#[test]
fn everybody_sees_only_their_own_conversations() {
    let folder = tempdir().unwrap();
    chat(folder.path(), "ann", "A secret of Ann's\n");

    let (ok, out, err) = talk(folder.path(), "ben", b"/list\n/open 1\n/delete 1\n/history\n");

    assert!(ok);
    assert!(!out.contains("secret") && out.contains("No conversation yet."), "{out}");
    assert_eq!(err.matches("You have no such conversation").count(), 2, "{err}");
    assert!(chat(folder.path(), "ann", "").contains("A secret of Ann's"));
}

#[test]
fn conversations_are_titled_listed_opened_and_deleted() {
    let folder = tempdir().unwrap();
    let lines = "first\n/title Trip to Oslo\n/new\nsecond\n/open 1\n/list\n/delete 2\n/list\n";

    let out = chat(folder.path(), "ann", lines);

    let listed: Vec<_> = out.lines().filter(|line| line.contains("messages, ")).collect();
    let (opened, rest) = (&listed[1], &listed[2..]);
    assert!(opened.starts_with("*   1  Trip to Oslo (2 messages"), "{out}");
    assert!(rest[0].starts_with("    2  untitled (2 messages"), "the latest is first: {out}");
    assert!(rest[1].starts_with("*   1  Trip to Oslo"), "{out}");
    assert_eq!(rest[2..], rest[1..2], "only the first is left: {out}");
    assert!(out.contains("Conversation 2 is deleted."));
}

#[test]
fn a_mistake_is_explained_and_the_chat_goes_on() {
    let folder = tempdir().unwrap();
    let lines =
        b"/dance\n/open x\n/title\nnul\0\n\xff\xfe\n\n/help\nstill here\n/quit\nnever said\n";

    let (ok, out, err) = talk(folder.path(), "ann", lines);

    assert!(ok);
    assert!(out.contains("There is no such command; see /help."), "{out}");
    assert!(out.contains("Usage: /open N, a number of /list."), "{out}");
    assert!(out.contains("/delete N   deletes conversation N"), "{out}");
    assert!(out.contains("Messages I have seen: 1; your first: \"still here\"."), "{out}");
    assert_eq!(
        err.lines().collect::<Vec<_>>(),
        [
            "invalid input: title is empty",
            "invalid input: content contains NUL (U+0000)",
            "stream did not contain valid UTF-8",
        ]
    );
}

#[test]
fn stored_escape_sequences_do_not_reach_the_terminal() {
    let folder = tempdir().unwrap();
    chat(folder.path(), "ann", "red \x1b[31m\n/title \x1b[2J\n");

    let out = chat(folder.path(), "ann", "/list\n/history\n");

    assert!(out.contains("red \u{fffd}[31m") && !out.contains('\x1b'), "{out:?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_a_sentence() {
    let folder = tempdir().unwrap();
    let url = "postgres://ann:hunter2@127.0.0.1:1/none";

    let (ok, _, err) = run(example("chat", folder.path()).args(["--database-url", url]), b"");

    assert!(!ok);
    assert!(err.starts_with("chat: ") && err.contains("127.0.0.1:1"), "{err}");
    assert!(!err.contains("hunter2") && !err.contains("Error"), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
}

fn chat(folder: &Path, user: &str, input: &str) -> String {
    let (ok, out, err) = talk(folder, user, input.as_bytes());
    assert!(ok && err.is_empty(), "{err}");
    out
}

fn talk(folder: &Path, user: &str, input: &[u8]) -> (bool, String, String) {
    run(example("chat", folder).args(["--user", user]), input)
}
