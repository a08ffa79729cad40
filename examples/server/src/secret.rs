//! What cookies are signed with: given, or made once and kept beside the database.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
};

use cookie::Key;

use crate::args::Args;

const MIN_SECRET_BYTES: usize = 32;

/// The key of the cookies, the same after a restart.
pub(crate) fn key(args: &Args) -> io::Result<Key> {
    match (&args.cookie_secret, beside(&args.database_url)) {
        (Some(secret), _) => derived(secret),
        (None, Some(file)) => kept(&file).map_err(|error| {
            io::Error::new(error.kind(), format!("the cookie secret {}: {error}", file.display()))
        }),
        // A database in memory ends with the server, and so may whoever signed in.
        (None, None) => Ok(Key::generate()),
    }
}

fn derived(secret: &str) -> io::Result<Key> {
    if secret.len() < MIN_SECRET_BYTES {
        return Err(invalid("the cookie secret is shorter than 32 bytes"));
    }
    Ok(Key::derive_from(secret.as_bytes()))
}

/// `chat.secret` for `sqlite://chat.db`; in the working folder where the database is elsewhere.
fn beside(url: &str) -> Option<PathBuf> {
    let Some(rest) = url.strip_prefix("sqlite:") else { return Some("scrollback.secret".into()) };
    let (path, _) = rest.split_once('?').unwrap_or((rest, ""));
    let path = path.trim_start_matches("//");
    (path != ":memory:").then(|| Path::new(path).with_extension("secret"))
}

fn kept(file: &Path) -> io::Result<Key> {
    if !file.try_exists()? {
        make(file)?;
    }
    Key::try_from(&*fs::read(file)?).map_err(|_| invalid("it is not whole: remove it"))
}

/// It is whole before it has its name: servers that start at the same moment agree on one.
fn make(file: &Path) -> io::Result<()> {
    let draft = file.with_extension(format!("secret.{}", process::id()));
    for_us_alone().open(&draft)?.write_all(Key::generate().master())?;
    let named = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    named.or_else(|error| match error.kind() {
        ErrorKind::AlreadyExists => Ok(()),
        _ => Err(error),
    })
}

fn for_us_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn invalid(text: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_beside_the_database() {
        for (url, file) in [
            ("sqlite://scrollback.db", Some("scrollback.secret")),
            ("sqlite:///data/chat.db?mode=rwc", Some("/data/chat.secret")),
            ("sqlite:chat", Some("chat.secret")),
            ("sqlite::memory:", None),
            ("postgres://ann@127.0.0.1/chat", Some("scrollback.secret")),
        ] {
            assert_eq!(beside(url), file.map(PathBuf::from), "{url}");
        }
    }

    #[test]
    fn a_secret_is_made_once_and_for_us_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chat.secret");

        let (first, second) = (kept(&file).unwrap(), kept(&file).unwrap());

        assert_eq!(first.master(), second.master());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&file).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_secret_that_is_too_short_or_was_cut_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chat.secret");
        fs::write(&file, "cut").unwrap();

        assert!(kept(&file).is_err() && derived("short").is_err());
        assert!(derived(&"x".repeat(MIN_SECRET_BYTES)).is_ok());
    }
}
