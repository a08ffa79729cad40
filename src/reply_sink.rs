//! The parts of a reply, from the bot that makes them to whoever shows them.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    error::{Error, Result},
    limit,
};

/// Where a bot puts the parts of its reply as they come.
///
/// Pushing never waits for whoever reads: a reader that is slow gets several parts as one, and one
/// that has gone away is not noticed. All parts together are at most as long as a reply may be, 4 MiB.
///
/// # Examples
///
/// ```
/// use scrollback::ReplySink;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> scrollback::Result<()> {
/// let (sink, mut parts) = ReplySink::new();
///
/// sink.push("It will ")?;
/// sink.push("rain.")?;
/// drop(sink);
///
/// assert_eq!(parts.next().await.as_deref(), Some("It will rain."));
/// assert_eq!(parts.next().await, None);
/// # Ok(())
/// # }
/// ```
pub struct ReplySink(Arc<Shared>);

/// The parts of a reply, for whoever shows them while the bot goes on.
///
/// [`ReplySink`] has an example.
pub struct ReplyParts(Arc<Shared>);

#[derive(Default)]
struct Shared {
    text: Mutex<Text>,
    more: Notify,
}

#[derive(Default)]
struct Text {
    unread: String,
    pushed: usize,
    ended: bool,
}

impl ReplySink {
    /// A sink, and the parts that are put into it.
    #[must_use]
    pub fn new() -> (Self, ReplyParts) {
        let shared = Arc::new(Shared::default());
        (Self(Arc::clone(&shared)), ReplyParts(shared))
    }

    /// Hands over the next part; an empty one is nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when the parts are longer than a message may be.
    pub fn push(&self, part: &str) -> Result<()> {
        let mut text = self.0.text();
        if part.len() > limit::MAX_CONTENT_BYTES - text.pushed {
            return Err(Error::invalid("content", "is longer than 4 MiB"));
        }
        text.pushed += part.len();
        text.unread.push_str(part);
        drop(text);
        self.0.more.notify_one();
        Ok(())
    }
}

impl Drop for ReplySink {
    fn drop(&mut self) {
        self.0.text().ended = true;
        self.0.more.notify_one();
    }
}

impl ReplyParts {
    /// Everything since the last call, once there is anything; `None` when the sink is gone.
    pub async fn next(&mut self) -> Option<String> {
        loop {
            {
                let mut text = self.0.text();
                if !text.unread.is_empty() {
                    return Some(mem::take(&mut text.unread));
                }
                if text.ended {
                    return None;
                }
            }
            // A push between the look and the wait has left a permit.
            self.0.more.notified().await;
        }
    }
}

impl Shared {
    /// Nothing panics while the lock is held.
    fn text(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing of the reply.
impl fmt::Debug for ReplySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplySink").finish_non_exhaustive()
    }
}

/// Shows nothing of the reply.
impl fmt::Debug for ReplyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyParts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_that_waits_is_told_of_a_part_and_of_the_end() {
        let (sink, mut parts) = ReplySink::new();
        let reader = async { (parts.next().await, parts.next().await) };

        let (read, ()) = tokio::join!(reader, async {
            sink.push("").unwrap();
            sink.push("one").unwrap();
            tokio::task::yield_now().await;
            drop(sink);
        });

        assert_eq!(read, (Some("one".to_owned()), None));
    }

    #[test]
    fn the_parts_are_as_long_as_a_message_may_be() {
        let (sink, parts) = ReplySink::new();
        let half = "x".repeat(limit::MAX_CONTENT_BYTES / 2);

        assert!(sink.push(&half).is_ok() && sink.push(&half).is_ok());
        assert!(sink.push("x").is_err());
        assert_eq!(format!("{sink:?} {parts:?}"), "ReplySink { .. } ReplyParts { .. }");
    }
}
