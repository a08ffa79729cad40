//! Where PostgreSQL's server programs are.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Folders with one version of PostgreSQL each: what precedes the version, and what follows it.
const INSTALLED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql/", "bin"),
    ("/usr/pgsql-", "bin"),
    ("/opt/homebrew/opt/postgresql@", "bin"),
    ("/usr/local/opt/postgresql@", "bin"),
];

/// The folder that holds `initdb` and `pg_ctl`: `PG_BIN`, else the newest installed, else the first
/// on the `PATH`.
pub(super) fn folder() -> PathBuf {
    if let Some(folder) = env::var_os("PG_BIN").map(PathBuf::from) {
        assert!(has_server(&folder), "PG_BIN ({}) has no initdb and pg_ctl", folder.display());
        return folder;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    INSTALLED
        .iter()
        .flat_map(|(prefix, suffix)| newest_first(prefix, suffix))
        .chain(env::split_paths(&path))
        .find(|folder| has_server(folder))
        .expect(
            "the tests need PostgreSQL: `apt-get install postgresql`, or set PG_BIN to the folder \
             of initdb, or SCROLLBACK_TEST_DATABASE_URL to the URL of a server",
        )
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
}

/// The folders `{prefix}{version}/{suffix}`, by falling version.
fn newest_first(prefix: &str, suffix: &str) -> impl Iterator<Item = PathBuf> {
    let (parent, start) = prefix.rsplit_once('/').expect("the prefixes are absolute");
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.strip_prefix(start)?.parse().ok()?;
            Some((version, entry.path().join(suffix)))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder)
}
