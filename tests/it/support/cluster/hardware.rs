//! What a server runs on, where that is unusual: a small disk, a clock that is wrong.

use std::{
    env,
    ffi::OsString,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

/// Nothing unusual, unless it is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hardware {
    /// What is on a disk of its own, and the size of that disk.
    disk: Option<(&'static str, String)>,
    /// The library that fakes the clock.
    clock: Option<PathBuf>,
}

impl Hardware {
    /// A disk of so many MB at `disk` beside the data, for a tablespace.
    pub(crate) fn disk_for_tables(megabytes: u64) -> Self {
        Self { disk: Some(("tables", size(megabytes))), ..Self::default() }
    }

    /// A disk of so many MB for the write-ahead log.
    pub(crate) fn disk_for_wal(megabytes: u64) -> Self {
        Self { disk: Some(("wal", size(megabytes))), ..Self::default() }
    }

    /// A clock that can be set.
    pub(crate) fn clock() -> Self {
        Self { clock: Some(Self::faketime()), ..Self::default() }
    }

    /// Why no disk can be mounted here, in the words of the system; none where it can.
    pub(crate) fn no_disks() -> Option<String> {
        // Over a folder that exists everywhere, in a namespace that ends with the command.
        let mount = ["--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "scrollback", "/tmp"];
        let tried = Command::new("unshare").args(mount).stdin(Stdio::null()).output();
        match tried {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Some(format!("unshare: {error}")),
        }
    }

    /// `LIBFAKETIME`, else where Debian puts it: `/usr/lib/{architecture}/faketime`.
    pub(crate) fn faketime() -> PathBuf {
        if let Some(library) = env::var_os("LIBFAKETIME") {
            return library.into();
        }
        let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        folders
            .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
            .find(|library| library.is_file())
            .expect("the tests need libfaketime: `apt-get install libfaketime`, or set LIBFAKETIME")
    }

    pub(super) const fn has_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// As `keep.sh` takes them.
    pub(super) fn arguments(&self) -> [OsString; 3] {
        let (disk, size) = self.disk.clone().unwrap_or_default();
        [disk.into(), size.into(), self.clock.clone().unwrap_or_default().into()]
    }
}

/// Megabytes as mount(8) takes them.
pub(super) fn size(megabytes: u64) -> String {
    format!("{megabytes}m")
}
