use tempfile::tempdir;

use super::{example, run};

#[test]
fn embed_shows_that_only_the_injected_version_survives_a_restart() {
    let out = succeeds("embed");

    assert!(out.contains("before, restarted: nothing is left"), "{out}");
    assert!(out.contains("after, restarted: all of it is there"), "{out}");
    assert!(out.ends_with("after, asked by somebody else: not found\n"), "{out}");
}

#[test]
fn the_custom_store_passes_every_rule() {
    let out = succeeds("custom_store");

    let rules = scrollback::conformance::rules().len();
    assert_eq!(out.lines().filter(|line| line.starts_with("pass ")).count(), rules, "{out}");
}

#[test]
fn host_transaction_commits_and_rolls_back_both() {
    let out = succeeds("host_transaction");

    assert!(out.contains("after a commit:      (1, 2)"), "{out}");
    assert!(out.contains("after a rollback:    (1, 2)"), "{out}");
}

fn succeeds(name: &str) -> String {
    let folder = tempdir().unwrap();

    let (ok, out, err) = run(&mut example(name, folder.path()), b"");

    assert!(ok, "{name}: {err}");
    out
}
