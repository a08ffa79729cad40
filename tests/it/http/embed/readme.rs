//! The difference between both servers, as README.md shows it.

use std::{fs, path::Path};

use crate::architecture::source::Source;

#[test]
fn the_readme_shows_the_difference_as_it_is() {
    let [before, after] = ["before", "after"].map(code);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();

    let (_, shown) = readme.split_once("```diff\n").unwrap();
    let (shown, _) = shown.split_once("```\n").unwrap();

    assert_eq!(shown, difference(&before, &after), "write it so into README.md");
}

/// The lines of a server, from its first function on: what is imported explains itself.
fn code(name: &str) -> Vec<String> {
    let source = Source::at(&format!("examples/embed_axum/{name}.rs"));
    let lines = source.lines().skip_while(|line| !line.starts_with("pub(super) fn "));
    lines.map(str::to_owned).collect()
}

/// As `diff --unified` shows it: the lines that both have are as many as can be.
fn difference(old: &[String], new: &[String]) -> String {
    let common = common(old, new);
    let (mut at, mut to, mut shown) = (0, 0, String::new());
    while at < old.len() || to < new.len() {
        let (sign, line) = if at < old.len() && to < new.len() && old[at] == new[to] {
            (at, to) = (at + 1, to + 1);
            (" ", &new[to - 1])
        } else if to == new.len() || (at < old.len() && common[at + 1][to] >= common[at][to + 1]) {
            at += 1;
            ("-", &old[at - 1])
        } else {
            to += 1;
            ("+", &new[to - 1])
        };
        shown += format!("{sign}{line}").trim_end();
        shown.push('\n');
    }
    shown
}

/// How many lines the rests of both have in common, from each line of the one and of the other on.
fn common(old: &[String], new: &[String]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for to in (0..new.len()).rev() {
            common[at][to] = match old[at] == new[to] {
                true => common[at + 1][to + 1] + 1,
                false => common[at + 1][to].max(common[at][to + 1]),
            };
        }
    }
    common
}
