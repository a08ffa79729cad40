//! A clock that several processes share and that nobody can set.

use std::{
    fs::File,
    io::{Seek, Write},
    path::{Path, PathBuf},
};

/// A file that every event makes one byte longer: its length is the time.
///
/// Whatever ended before something else began has the smaller time, in any process. The clocks of
/// the machine promise that only within one process, or not after they were set.
#[derive(Debug)]
pub(crate) struct Clock {
    path: PathBuf,
}

impl Clock {
    /// The clock at `path`, which the first event creates.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// A hand of the clock, for one task: the place in a file belongs to whoever opened it.
    pub(crate) fn hand(&self) -> Hand {
        let file = File::options().append(true).create(true).open(&self.path);
        Hand(file.unwrap())
    }
}

/// What one task reads the time from.
#[derive(Debug)]
pub(crate) struct Hand(File);

impl Hand {
    /// Now; no other event ever has the same time.
    pub(crate) fn now(&mut self) -> u64 {
        self.0.write_all(b".").unwrap();
        self.0.stream_position().unwrap()
    }
}
