//! F13: sixteen processes migrate one database at once.

mod crowd;
mod fresh;
mod killed;
mod unlocked;
